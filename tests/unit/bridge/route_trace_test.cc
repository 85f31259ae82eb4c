// The trace of a record becomes that of its events.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bridge/route.h"
#include "bridge/trace_context.h"
#include "tests/unit/bridge/records.h"

namespace copybridge::tests {
namespace {

using bridge::Passage;

constexpr std::string_view kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Two messages, of which the first has a trace.
std::unique_ptr<adapters::RecordBatch> traced_messages() {
  auto batch = batch_of({record('A', "K1", "0001"), record('A', "K2", "0002")});
  batch->record_attributes = {{{"amqp-property-traceparent", std::string(kTraceparent)},
                               {"amqp-property-tracestate", "vendor=1"}},
                              {{"amqp-property-traceparent", "00-of nothing"}}};
  return batch;
}

/// `of_all` has the mapping, whose names the events point to.
Passage traced_by(bridge::TraceRule rule, const Mappings& mappings, bridge::Route& of_all) {
  of_all.mappings = {mappings.load(
      "all", "event: {type: all, key: REC-KEY, attributes: {number: \"{REC-NO}\"}}\n")};
  of_all.destinations = {0};
  of_all.destination_names = "cloud";
  of_all.trace = rule;
  Passage passage;
  passage.reset(traced_messages(), 1, {});
  bridge::make_events({of_all}, "/bridge/accounts", passage);
  return passage;
}

TEST(RouteTrace, IsThatOfTheRecord) {
  const Mappings mappings;
  bridge::Route route;
  const Passage passage = traced_by(bridge::TraceRule::pass, mappings, route);
  const publishers::Event& event = passage.events.at(0);
  EXPECT_EQ(event.traceparent, kTraceparent);
  EXPECT_EQ(event.tracestate, "vendor=1");
  EXPECT_EQ(event.id, "in/1/all");
  EXPECT_EQ(event.key, "K1");
  EXPECT_EQ(event.extensions[0].value, "0001");
  EXPECT_EQ(passage.events.at(1).traceparent, "");
  EXPECT_EQ(passage.events.at(1).id, "in/2/all");
}

TEST(RouteTrace, IsBegunWhereARecordHasNone) {
  const Mappings mappings;
  bridge::Route route;
  const Passage passage = traced_by(bridge::TraceRule::start, mappings, route);
  EXPECT_EQ(passage.events.at(0).traceparent, kTraceparent);
  EXPECT_EQ(passage.events.at(1).traceparent,
            bridge::TraceContext::begun_by("/bridge/accounts", "in/2/all").traceparent);
}

TEST(RouteTrace, IsDroppedWhereTheRouteSaysSo) {
  const Mappings mappings;
  bridge::Route route;
  const Passage passage = traced_by(bridge::TraceRule::drop, mappings, route);
  EXPECT_EQ(passage.events.at(0).traceparent, "");
  EXPECT_EQ(passage.events.at(0).tracestate, "");
}

TEST(RouteTrace, IsKeptWithAnEventThatIsKept) {
  const Mappings mappings;
  bridge::Route route;
  const Passage passage = traced_by(bridge::TraceRule::pass, mappings, route);
  Passage kept;
  kept.keep_event(passage.events.at(0));
  EXPECT_EQ(kept.events.at(0).traceparent, kTraceparent);
  EXPECT_EQ(kept.events.at(0).tracestate, "vendor=1");
  EXPECT_EQ(kept.events.at(0).body, passage.events.at(0).body);
}

}  // namespace
}  // namespace copybridge::tests
