// Message properties: in handles, and as the RFH2 header that programs without them see.
#include "tests/support/mq_double/wire.h"
#include "tests/unit/mq_double/mq_fixture.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace property = mqi::property;
namespace rc = mqi::rc;

class MqProperties : public MqSemantics {
 protected:
  mqi::Hmsg new_handle() {
    mqi::MQCMHO options;
    mqi::Hmsg hmsg = mqi::kUnusableHmsg;
    library().crtmh(client().hconn(), &options, &hmsg, &comp_code_, &reason_);
    EXPECT_EQ(reason_, rc::kNone);
    return hmsg;
  }

  static mqi::MQCHARV named(std::string& name) {
    mqi::MQCHARV text;
    text.vs_ptr = name.data();
    text.vs_length = static_cast<Long>(name.size());
    return text;
  }

  void set(mqi::Hmsg hmsg, std::string name, Long type, const void* value, std::size_t length) {
    mqi::MQSMPO options;
    mqi::MQPD descriptor;
    mqi::MQCHARV text = named(name);
    library().setmp(client().hconn(), hmsg, &options, &text, &descriptor, type,
                    static_cast<Long>(length), value, &comp_code_, &reason_);
    EXPECT_EQ(reason_, rc::kNone);
  }

  /// `NAME=TYPE:LENGTH` of each property.
  std::string listed(mqi::Hmsg hmsg) {
    std::string list;
    std::string all = "%";
    mqi::MQCHARV wanted = named(all);
    mqi::MQIMPO options;
    mqi::MQPD descriptor;
    char name[64];
    char value[64];
    while (true) {
      options.returned_name.vs_ptr = name;
      options.returned_name.vs_buf_size = sizeof name;
      Long type = 0;
      Long length = 0;
      library().inqmp(client().hconn(), hmsg, &options, &wanted, &descriptor, &type, sizeof value,
                      value, &length, &comp_code_, &reason_);
      if (reason_ != rc::kNone) break;
      list += std::string(name, static_cast<std::size_t>(options.returned_name.vs_length)) + "=" +
              std::to_string(type) + ":" + std::to_string(length) + " ";
      options.options = mqi::impo::kInqNext;
    }
    EXPECT_EQ(reason_, rc::kPropertyNotAvailable);
    return list;
  }

  void put_with(mqi::Hmsg hmsg) {
    mqi::MQOD od;
    od.object_name = padded<48>(kQueue);
    mqi::MQMD md = MqClient::text_md();
    mqi::MQPMO options;
    options.version = 3;
    options.options = mqi::pmo::kNoSyncpoint;
    options.original_msg_handle = hmsg;
    library().put1(client().hconn(), &od, &md, &options, 4, "body", &comp_code_, &reason_);
    EXPECT_EQ(reason_, rc::kNone);
  }

  Long comp_code_ = 0;
  Long reason_ = 0;
};

TEST_F(MqProperties, come_back_in_a_handle_with_their_types) {
  const mqi::Hmsg hmsg = new_handle();
  const std::int32_t number = -5;
  const std::int64_t large = 1LL << 40U;
  const double fraction = 0.25;
  set(hmsg, "city", property::kString, "M\xC3\xBCnchen <1>", 11);
  set(hmsg, "number", property::kInt32, &number, sizeof number);
  set(hmsg, "large", property::kInt64, &large, sizeof large);
  set(hmsg, "fraction", property::kFloat64, &fraction, sizeof fraction);
  set(hmsg, "raw", property::kByteString, "\0\xFF", 2);
  set(hmsg, "trace.id", property::kString, "abc", 3);
  put_with(hmsg);

  const mqi::Hmsg got = new_handle();
  mqi::MQMD md;
  mqi::MQGMO options;
  options.version = 4;
  options.options = gmo::kNoSyncpoint | gmo::kPropertiesInHandle;
  options.msg_handle = got;
  char body[64];
  Long length = 0;
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  library().get(client().hconn(), in, &md, &options, sizeof body, body, &length, &comp_code_,
                &reason_);
  ASSERT_EQ(reason_, rc::kNone);
  EXPECT_EQ(std::string(body, static_cast<std::size_t>(length)), "body");
  EXPECT_EQ(md.format, mqi::format::kString);
  const std::string list = listed(got);
  for (const char* one : {"city=1024:11", "number=64:4", "large=128:8", "fraction=512:8", "raw=8:2",
                          "trace.id=1024:3"})
    EXPECT_NE(list.find(one), std::string::npos) << list;
}

TEST_F(MqProperties, are_an_rfh2_for_a_program_that_asks_for_one) {
  const mqi::Hmsg hmsg = new_handle();
  set(hmsg, "city", property::kString, "Ulm", 3);
  put_with(hmsg);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto message = client().get(in, gmo::kNoSyncpoint | gmo::kPropertiesForceMqrfh2).value();
  EXPECT_EQ(message.md.format, mqi::format::kRfHeader2);
  EXPECT_EQ(message.body.substr(0, 4), "RFH ");
  EXPECT_NE(message.body.find("<city>Ulm</city>"), std::string::npos);
  EXPECT_EQ(message.body.substr(message.body.size() - 4), "body");
}

TEST_F(MqProperties, are_left_away_where_the_program_wants_none) {
  const mqi::Hmsg hmsg = new_handle();
  set(hmsg, "city", property::kString, "Ulm", 3);
  put_with(hmsg);
  const mqi::Hobj in = client().open(kQueue, oo::kInputShared);
  const auto message = client().get(in, gmo::kNoSyncpoint | gmo::kNoProperties).value();
  EXPECT_EQ(message.body, "body");
  EXPECT_EQ(message.md.format, mqi::format::kString);
}

TEST_F(MqProperties, a_handle_that_is_gone_is_refused) {
  mqi::Hmsg hmsg = new_handle();
  const mqi::Hmsg copy = hmsg;
  mqi::MQDMHO options;
  library().dltmh(client().hconn(), &hmsg, &options, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kNone);
  hmsg = copy;
  library().dltmh(client().hconn(), &hmsg, &options, &comp_code_, &reason_);
  EXPECT_EQ(reason_, rc::kHmsgError);
}

}  // namespace
}  // namespace copybridge::mq_double
