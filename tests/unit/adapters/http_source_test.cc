// The adapter http and clients on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "adapters/http/http_adapter.h"
#include "tests/support/http_post.h"
#include "tests/support/secret_hunt.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::adapters {
namespace {

using copybridge::tests::TemporaryDirectory;
using support::HttpPost;
using support::HttpReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::chrono::seconds kPatience{20};

class HttpSourceTest : public ::testing::Test {
 protected:
  /// No test of a source lets a secret of its options into the log or a message.
  void TearDown() override {
    adapter_.reset();
    const std::scoped_lock lock(lines_mutex_);
    for (auto& secrets : secrets_) {
      secrets.note();
      EXPECT_EQ(secrets.found_in(lines_ + mistakes_), "") << "is in what was said";
    }
  }
  std::unique_ptr<Adapter> make(const std::string& more) {
    secrets_.emplace_back(more);
    Diagnostics diagnostics;
    const std::string listen = more.find("listen:") == std::string::npos
                                   ? "listen: '127.0.0.1:" + std::to_string(port_) + "', "
                                   : "";
    const ConfigNode node = parse_yaml("{" + listen + more + "}", "b.yaml", diagnostics);
    const Options options = read_options(node, kHttpAdapter.options, {}, diagnostics);
    const AdapterContext context{"calls", folder_.path(), nullptr, log_, system_clock()};
    auto made = kHttpAdapter.make(context, options, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) mistakes_ += to_string(diagnostic);
    return made;
  }
  void open(const std::string& options = "paths: [/in]") {
    adapter_ = make(options);
    ASSERT_NE(adapter_, nullptr) << mistakes_;
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  std::future<HttpReply> post(HttpPost one) {
    one.port = port_;
    if (one.path == "/") one.path = "/in";
    return std::async(std::launch::async, [one] { return support::send(one); });
  }
  RecordBatch read() {
    RecordBatch batch;
    const Result<ReadStatus> status = adapter_->read(batch, kPatience);
    EXPECT_TRUE(status && *status == ReadStatus::batch);
    return batch;
  }
  void settle(const RecordBatch& batch, Fate fate = Fate::delivered) {
    EXPECT_TRUE(adapter_->settle({batch.token, std::vector(batch.records.size(), fate)}));
  }
  /// What a request that is taken brings; its answer is waited for.
  RecordBatch take(const HttpPost& one, unsigned status = 202) {
    auto answer = post(one);
    RecordBatch batch = read();
    settle(batch);
    EXPECT_EQ(answer.get().status, status);
    return batch;
  }
  static std::vector<std::string> texts(const RecordBatch& batch) {
    std::vector<std::string> found;
    for (const auto& span : batch.records) {
      const ByteView bytes = batch.bytes.view(span.offset, span.size);
      found.emplace_back(bytes.begin(), bytes.end());
    }
    return found;
  }
  bool has_nothing() {
    RecordBatch batch;
    const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(0));
    return status && *status != ReadStatus::batch;
  }

  TemporaryDirectory folder_;
  const std::uint16_t port_ = support::free_port();
  std::string mistakes_;
  std::mutex lines_mutex_;
  std::string lines_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(), [this](std::string_view line) {
             const std::scoped_lock lock(lines_mutex_);
             lines_ += std::string(line) + "\n";
           }};
  std::vector<testing_support::SecretHunt> secrets_;
  std::unique_ptr<Adapter> adapter_;
};

TEST_F(HttpSourceTest, MakesARecordOfAnEventAndOfEachElementOfAnArray) {
  open();
  EXPECT_THAT(texts(take({.body = R"({"A": 1.10})"})), ElementsAre(R"({"A": 1.10})"));
  EXPECT_THAT(texts(take({.body = R"([{"A":1}, {"A": 2}])"})),
              ElementsAre(R"({"A":1})", R"({"A": 2})"));
}

TEST_F(HttpSourceTest, MakesARecordOfEachLineOfJsonLines) {
  open();
  EXPECT_THAT(texts(take({.content_type = "application/x-ndjson", .body = "{\"A\":1}\r\n\n2\n"})),
              ElementsAre(R"({"A":1})", "2"));
}

TEST_F(HttpSourceTest, TakesBytesAsARecordOrFramed) {
  open();
  const std::string type = "application/octet-stream";
  EXPECT_THAT(texts(take({.content_type = type, .body = std::string("\xC1\0\x40", 3)})),
              ElementsAre(std::string("\xC1\0\x40", 3)));
  adapter_->close();
  open("paths: [/in], records_in_body: framed, recfm: F, lrecl: 3");
  EXPECT_THAT(texts(take({.content_type = type, .body = "ABCDEF"})), ElementsAre("ABC", "DEF"));
  EXPECT_EQ(post({.content_type = type, .body = "ABCDE"}).get().status, 400U);
}

TEST_F(HttpSourceTest, TakesCloudEventsInEveryMode) {
  open();
  const RecordBatch binary = take({.body = R"({"A":1})",
                                   .headers = {{"ce-specversion", "1.0"},
                                               {"ce-id", "a%20b"},
                                               {"ce-source", "/bank"},
                                               {"ce-type", "t"}}});
  EXPECT_THAT(texts(binary), ElementsAre(R"({"A":1})"));
  EXPECT_THAT(binary.record_attributes.at(0), ::testing::Contains(Pair("ce-id", "a b")));
  const std::string event = R"({"specversion":"1.0","id":"7","source":"/bank","type":"t",)";
  const RecordBatch one =
      take({.content_type = "application/cloudevents+json", .body = event + R"("data":{"A":1}})"});
  EXPECT_THAT(texts(one), ElementsAre(R"({"A":1})"));
  EXPECT_THAT(one.record_attributes.at(0), ::testing::Contains(Pair("ce-source", "/bank")));
  // In this run another body of the same event is refused.
  adapter_->close();
  open();
  const RecordBatch many = take({.content_type = "application/cloudevents-batch+json",
                                 .body = "[" + event + R"("data_base64":"wUA="}])"});
  EXPECT_THAT(texts(many), ElementsAre("\xC1\x40"));
  EXPECT_EQ(many.ids, one.ids);
}

TEST_F(HttpSourceTest, RefusesWhatIsNotWhatItSays) {
  open();
  const HttpReply reply = post({.body = "{\"SECRET\":"}).get();
  EXPECT_EQ(reply.status, 400U);
  EXPECT_THAT(reply.body, Not(HasSubstr("SECRET")));
  EXPECT_EQ(post({.content_type = "text/plain", .body = "A"}).get().status, 415U);
  EXPECT_EQ(post({.content_type = "application/x-ndjson", .body = "\n"}).get().status, 400U);
  EXPECT_EQ(post({.content_type = "application/cloudevents+json", .body = "{}"}).get().status,
            400U);
  EXPECT_EQ(post({.body = "{}", .headers = {{"Content-Encoding", "gzip"}}}).get().status, 415U);
  EXPECT_EQ(post({.path = "/other", .body = "{}"}).get().status, 404U);
  const HttpReply got = post({.method = "GET"}).get();
  EXPECT_EQ(got.status, 405U);
  EXPECT_EQ(got.headers.at("Allow"), "POST");
  EXPECT_THAT(support::send_raw(port_, "HELLO\r\n\r\n"), HasSubstr("400"));
  EXPECT_TRUE(has_nothing());
}

TEST_F(HttpSourceTest, RefusesBodiesThatAreTooLargeAlsoWhereTheyDoNotSaySo) {
  open("paths: [/in], body_bytes_max: 100");
  EXPECT_EQ(post({.body = std::string(200'000, '1')}).get().status, 413U);
  EXPECT_THAT(support::send_raw(port_,
                                "POST /in HTTP/1.1\r\nHost: a\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n80\r\n" +
                                    std::string(128, '1') + "\r\n0\r\n\r\n"),
              HasSubstr("413"));
  EXPECT_THAT(texts(take({.body = "1"})), ElementsAre("1"));
}

TEST_F(HttpSourceTest, AnswersOnlyWhenAllRecordsAreSettled) {
  open("paths: [/in], batch_records_max: 2, answer: delivered");
  auto answer = post({.body = "[1,2,3]"});
  const RecordBatch first = read();
  const RecordBatch second = read();
  EXPECT_THAT(texts(second), ElementsAre("3"));
  settle(first);
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  settle(second, Fate::filtered);
  const HttpReply reply = answer.get();
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.body, R"({"delivered":2,"filtered":1,"dead_lettered":0})");
}

TEST_F(HttpSourceTest, SaysThatADeadLetterNeedNotComeAgain) {
  open("paths: [/in], answer: delivered");
  auto answer = post({.body = "1"});
  settle(read(), Fate::dead_lettered);
  EXPECT_EQ(answer.get().status, 422U);
}

TEST_F(HttpSourceTest, AsksForARetryWhereARecordCameBackAndAtTheEnd) {
  open("paths: [/in], retry_after_s: 7");
  auto answer = post({.body = "[1,2]"});
  settle(read(), Fate::retry);
  const HttpReply reply = answer.get();
  EXPECT_EQ(reply.status, 503U);
  EXPECT_EQ(reply.headers.at("Retry-After"), "7");
  answer = post({.body = "3"});
  static_cast<void>(read());
  adapter_->close();
  EXPECT_EQ(answer.get().status, 503U);
}

TEST_F(HttpSourceTest, AsksForARetryWhereTheAnswerDoesNotCome) {
  open("paths: [/in], answer_limit_ms: 100");
  auto answer = post({.body = "1"});
  const RecordBatch batch = read();
  EXPECT_EQ(answer.get().status, 503U);
  settle(batch);
}

TEST_F(HttpSourceTest, HasNoRoomForMoreThanItMayKeepWaiting) {
  open("paths: [/in], waiting_bytes_max: 10");
  auto answer = post({.body = "12345678"});
  const RecordBatch batch = read();
  EXPECT_EQ(post({.body = "12345678"}).get().status, 503U);
  settle(batch);
  EXPECT_EQ(answer.get().status, 202U);
  EXPECT_THAT(texts(take({.body = "9"})), ElementsAre("9"));
}

TEST_F(HttpSourceTest, KnowsARequestThatComesAgainByItsKey) {
  open();
  const HttpPost keyed{.body = "[1,2]", .headers = {{"Idempotency-Key", "k 1"}}};
  auto first = post(keyed);
  const RecordBatch batch = read();
  auto again = post(keyed);
  settle(batch);
  EXPECT_EQ(first.get().status, 202U);
  EXPECT_EQ(again.get().status, 202U);
  EXPECT_EQ(post(keyed).get().status, 202U);
  EXPECT_TRUE(has_nothing());
  EXPECT_EQ(post({.body = "3", .headers = keyed.headers}).get().status, 422U);
}

TEST_F(HttpSourceTest, GivesARepeatTheSameIdsInTheNextRun) {
  open();
  const HttpPost keyed{.body = "[1,2]", .headers = {{"Idempotency-Key", "k 1"}}};
  const RecordBatch first = take(keyed);
  adapter_.reset();
  open();
  EXPECT_EQ(take(keyed).ids, first.ids);
  EXPECT_NE(take({.body = "[1,2]"}).ids, first.ids);
}

TEST_F(HttpSourceTest, TellsTheSameKeyOfTwoPathsApart) {
  open("paths: [/in, /too]");
  const std::map<std::string, std::string> headers = {{"Idempotency-Key", "k"}};
  const RecordBatch first = take({.body = "1", .headers = headers});
  EXPECT_NE(take({.path = "/too", .body = "1", .headers = headers}).ids, first.ids);
}

TEST_F(HttpSourceTest, LetsInWhoHasATokenOrThePassword) {
  std::ofstream(folder_.path() / "token") << "old-token\nnew-token\n";
  std::ofstream(folder_.path() / "password") << "open sesame";
  const std::string at = folder_.path().string();
  open("paths: [/in], bearer_token: '${file:" + at +
       "/token}', user: eve, password: '${file:" + at + "/password}'");
  const HttpReply refused = post({.body = "1"}).get();
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.headers.at("WWW-Authenticate"), "Bearer");
  for (const std::string credentials :
       {"Bearer old", "Bearer ", "Basic ZXZlOm9wZW4gc2VzYW0", "Basic x"})
    EXPECT_EQ(post({.body = "1", .headers = {{"Authorization", credentials}}}).get().status, 401U);
  for (const std::string credentials :
       {"bearer new-token", "Bearer old-token", "Basic ZXZlOm9wZW4gc2VzYW1l"})
    static_cast<void>(take({.body = "1", .headers = {{"Authorization", credentials}}}));
  const std::scoped_lock lock(lines_mutex_);
  EXPECT_THAT(lines_, HasSubstr("requests_refused"));
  EXPECT_THAT(lines_, Not(HasSubstr("-token")));
}

TEST_F(HttpSourceTest, MakesAttributesOfPathAndChosenHeaders) {
  open("paths: [/in], headers: [X-Tenant]");
  const RecordBatch batch = take({.path = "/in?x=1", .body = "1", .headers = {{"x-tenant", "7"}}});
  EXPECT_THAT(batch.record_attributes.at(0),
              ElementsAre(Pair("http-path", "/in"), Pair("http-x-tenant", "7")));
}

TEST_F(HttpSourceTest, AsksForTheBodyThatWaitsToBeAskedFor) {
  open();
  auto answer = std::async(std::launch::async, [this] {
    return support::send_raw(port_,
                             "POST /in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                             "Content-Type: application/json\r\nExpect: 100-continue\r\n"
                             "Content-Length: 1\r\n\r\n1");
  });
  settle(read());
  EXPECT_THAT(answer.get(), ::testing::StartsWith("HTTP/1.1 100"));
}

TEST_F(HttpSourceTest, EndsConnectionsThatSayNothing) {
  open("paths: [/in], idle_ms: 100");
  EXPECT_THAT(support::send_raw(port_, "POST /in HT"), IsEmpty());
}

TEST_F(HttpSourceTest, AnswersFurtherConnectionsThatItIsBusy) {
  open("paths: [/in], connections_max: 1");
  auto answer = post({.body = "1"});
  const RecordBatch batch = read();
  EXPECT_EQ(post({.body = "2"}).get().status, 503U);
  settle(batch);
  EXPECT_EQ(answer.get().status, 202U);
}

TEST_F(HttpSourceTest, ChecksItsOptions) {
  struct Case {
    std::string options, mistake;
  };
  for (const Case& one : {
           Case{"listen: '0.0.0.0:80'", "there is no TLS"},
           Case{"listen: '0.0.0.0:80', certificate: a, private_key: b",
                "nothing says who they are"},
           Case{"listen: 'localhost:80'", "an IP address and a port"},
           Case{"listen: '127.0.0.1:80000'", "an IP address and a port"},
           Case{"certificate: a", "'certificate' needs 'private_key'"},
           Case{"client_ca: a", "'client_ca' needs 'certificate'"},
           Case{"user: a", "'user' needs 'password'"},
           Case{"paths: [in]", "'in' is not a path"},
           Case{"recfm: F", "'recfm' needs 'records_in_body: framed'"},
       }) {
    mistakes_.clear();
    EXPECT_EQ(make(one.options), nullptr) << one.options;
    EXPECT_THAT(mistakes_, HasSubstr(one.mistake));
  }
  EXPECT_NE(make("listen: '[::1]:0'"), nullptr);
  EXPECT_NE(make("listen: '0.0.0.0:80', insecure: yes"), nullptr);
}

TEST_F(HttpSourceTest, SaysWhereItCannotListen) {
  open();
  const auto other = make("paths: [/in]");
  const Result<void> opened = other->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::source);
  EXPECT_THAT(opened.error().message, HasSubstr("cannot listen on 127.0.0.1"));
}

}  // namespace
}  // namespace copybridge::adapters
