// Which traceparent and tracestate of a source are passed on.
#include "bridge/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace copybridge::tests {
namespace {

using bridge::CommonTrace;
using bridge::is_sound_tracestate;
using bridge::sound_traceparent;
using bridge::TraceContext;
using Pairs = std::vector<TraceContext::Pair>;

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const std::string kParent = "00-" + kTrace + "-01";
const std::string kOther = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

TEST(TraceContext, IsFoundUnderEverySourcesName) {
  for (const std::string prefix :
       {"mq-rfh2-usr-", "amqp-property-", "amqp-property-cloudEvents:", "kafka-header-",
        "kafka-header-ce_", "stomp-", "http-", "ce-", ""}) {
    const Pairs own{{prefix + "traceparent", kParent}, {prefix + "tracestate", "vendor=1"}};
    const TraceContext trace = TraceContext::of(own, {});
    EXPECT_EQ(trace.traceparent, kParent) << prefix;
    EXPECT_EQ(trace.tracestate, "vendor=1") << prefix;
  }
}

TEST(TraceContext, IsNotFoundInTheMiddleOfAnotherName) {
  const Pairs own{{"kafka-header-nottraceparent", kParent}, {"http-traceparent-old", kParent}};
  EXPECT_EQ(TraceContext::of(own, {}).traceparent, "");
}

TEST(TraceContext, OfTheRecordComesBeforeThatOfItsBatch) {
  const Pairs own{{"stomp-traceparent", kParent}};
  const Pairs common{{"stomp-traceparent", kOther}};
  EXPECT_EQ(TraceContext::of(own, CommonTrace::of(common)).traceparent, kParent);
  EXPECT_EQ(TraceContext::of({}, CommonTrace::of(common)).traceparent, kOther);
}

TEST(TraceContext, OfACloudEventComesBeforeThatOfTheRequestItCameIn) {
  const Pairs own{
      {"http-traceparent", kOther}, {"http-tracestate", "request=1"}, {"ce-traceparent", kParent}};
  const TraceContext trace = TraceContext::of(own, {});
  EXPECT_EQ(trace.traceparent, kParent);
  // A tracestate without its traceparent says nothing.
  EXPECT_EQ(trace.tracestate, "");
}

TEST(TraceContext, PassesOverWhatIsMalformed) {
  const Pairs own{{"ce-traceparent", "00-" + kTrace}, {"http-traceparent", kOther}};
  EXPECT_EQ(TraceContext::of(own, {}).traceparent, kOther);
}

TEST(TraceContext, KeepsTheParentWhereTheStateIsMalformed) {
  const Pairs own{{"http-traceparent", kParent}, {"http-tracestate", "Vendor=1"}};
  const TraceContext trace = TraceContext::of(own, {});
  EXPECT_EQ(trace.traceparent, kParent);
  EXPECT_EQ(trace.tracestate, "");
}

TEST(Traceparent, IsMalformedWhereTheRecommendationSaysSo) {
  const std::string zeros(32, '0');
  for (const std::string& text : std::vector<std::string>{
           "", "00", kParent.substr(1), kParent + "0", kParent + "-more", "ff-" + kTrace + "-01",
           "0G-" + kTrace + "-01", "00-" + zeros + "-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00-" + kTrace + "-0x",
           "00_" + kTrace + "-01", "00-" + kTrace + "_01", "01-" + kTrace + "-01.more",
           "00-" + kTrace + "\r\n01"}) {
    EXPECT_EQ(sound_traceparent(text), "") << text;
  }
}

TEST(Traceparent, OfALaterVersionGoesOnAsTheOneWeKnow) {
  EXPECT_EQ(sound_traceparent("01-" + kTrace + "-03-more"), "00-" + kTrace + "-01");
  EXPECT_EQ(sound_traceparent("cc-" + kTrace + "-02"), "00-" + kTrace + "-00");
}

TEST(Tracestate, TakesMembersAsTheRecommendationHasThem) {
  for (const std::string text : {"a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                                 "a=1 , b=2,\t,c=x y", "1a-_*/=!", "tenant@system=x", "a=b;c:d"}) {
    EXPECT_TRUE(is_sound_tracestate(text)) << text;
  }
}

TEST(Tracestate, IsMalformedWhereTheRecommendationSaysSo) {
  std::string many = "k0=1";
  for (int i = 1; i <= 32; ++i) many += ",k" + std::to_string(i) + "=1";
  for (const std::string& text :
       std::vector<std::string>{"", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "@a=1", "a@=1",
                                "a@b@c=1", "a=1=2", "a=1\r\nb=2", "a=\x7f", std::string("a=\0", 3),
                                std::string(257, 'a') + "=1", "a=" + std::string(257, '1'), many}) {
    EXPECT_FALSE(is_sound_tracestate(text)) << text;
  }
}

TEST(TraceContext, BegunByAnEventIsTheSameForTheSameEventAlone) {
  const TraceContext begun = TraceContext::begun_by("/bridge/in", "in/1/account");
  EXPECT_EQ(sound_traceparent(begun.traceparent), begun.traceparent);
  EXPECT_EQ(begun.traceparent, TraceContext::begun_by("/bridge/in", "in/1/account").traceparent);
  EXPECT_NE(begun.traceparent, TraceContext::begun_by("/bridge/in", "in/2/account").traceparent);
  EXPECT_NE(begun.traceparent, TraceContext::begun_by("/other/in", "in/1/account").traceparent);
}

}  // namespace
}  // namespace copybridge::tests
