// The publisher http: forms, classes of answers, time-outs, credentials.
#include "bridge/publishers/http_publisher.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <array>
#include <set>

#include "bridge/publishers/http_endpoint.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing_support::ChildProcess;

struct StatusRow {
  int status;
  Outcome outcome;
};

class HttpStatus : public testing::TestWithParam<StatusRow> {};

TEST_P(HttpStatus, HasItsOutcome) {
  EXPECT_EQ(classify_http(GetParam().status, Milliseconds(0)), GetParam().outcome);
}

constexpr std::array kStatuses = {
    StatusRow{200, Outcome::accepted},  StatusRow{201, Outcome::accepted},
    StatusRow{202, Outcome::accepted},  StatusRow{204, Outcome::accepted},
    StatusRow{299, Outcome::accepted},  StatusRow{0, Outcome::refused},
    StatusRow{101, Outcome::refused},   StatusRow{301, Outcome::refused},
    StatusRow{302, Outcome::refused},   StatusRow{304, Outcome::refused},
    StatusRow{307, Outcome::refused},   StatusRow{400, Outcome::doubtful},
    StatusRow{401, Outcome::refused},   StatusRow{402, Outcome::refused},
    StatusRow{403, Outcome::refused},   StatusRow{404, Outcome::refused},
    StatusRow{405, Outcome::refused},   StatusRow{406, Outcome::refused},
    StatusRow{407, Outcome::refused},   StatusRow{408, Outcome::retry},
    StatusRow{409, Outcome::retry},     StatusRow{410, Outcome::refused},
    StatusRow{413, Outcome::permanent}, StatusRow{414, Outcome::doubtful},
    StatusRow{415, Outcome::refused},   StatusRow{418, Outcome::refused},
    StatusRow{422, Outcome::doubtful},  StatusRow{423, Outcome::retry},
    StatusRow{425, Outcome::retry},     StatusRow{429, Outcome::throttled},
    StatusRow{431, Outcome::doubtful},  StatusRow{451, Outcome::refused},
    StatusRow{500, Outcome::retry},     StatusRow{501, Outcome::refused},
    StatusRow{502, Outcome::retry},     StatusRow{503, Outcome::retry},
    StatusRow{504, Outcome::retry},     StatusRow{599, Outcome::retry},
    StatusRow{600, Outcome::refused}};

INSTANTIATE_TEST_SUITE_P(Table, HttpStatus, testing::ValuesIn(kStatuses),
                         [](const auto& row) { return std::to_string(row.param.status); });

TEST(HttpStatus503, IsThrottlingWhereTheEndpointSaysForHowLong) {
  EXPECT_EQ(classify_http(503, Milliseconds(1)), Outcome::throttled);
}

/// A test with the Python endpoint beside it.
class HttpPublisherTest : public testing::Test {
 protected:
  HttpPublisherTest()
      : server_({"python3", support::source_path("tests/support/http_server.py"), "--log",
                 (folder_.path() / "requests").string()}),
        origin_("http://127.0.0.1:" + std::to_string(server_.read_port())) {}

  std::unique_ptr<Harness> make(const std::string& path, const std::string& more = "") const {
    auto harness = std::make_unique<Harness>(
        kHttpPublisher, "{url: '" + origin_ + path + "'" + (more.empty() ? "" : ", " + more) + "}",
        folder_.path());
    EXPECT_EQ(harness->mistakes(), "");
    const Result<void> opened = harness->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return harness;
  }
  Response send_one(const std::string& path, const std::string& more = "") {
    return make(path, more)->publish_and_wait({events_.add("one")});
  }
  /// What the endpoint has seen, one JSON line per request.
  std::vector<std::string> requests() const { return lines_of(folder_.read("requests")); }

  TestFolder folder_;
  EventStore events_;
  ChildProcess server_;
  std::string origin_;
};

TEST_F(HttpPublisherTest, SendsBinaryCloudEventsByDefault) {
  auto harness = make("/in");
  const Response response = harness->publish_and_wait({events_.add("one", "key 1")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::accepted));
  EXPECT_EQ(response.reason, "");
  ASSERT_EQ(requests().size(), 1U);
  for (const char* part :
       {R"("method": "POST")", R"("path": "/in")", R"("content-type": "application/json")",
        R"("ce-specversion": "1.0")", R"("ce-id": "one")", R"("ce-source": "/bridge/accounts")",
        R"("ce-type": "com.example.account")", R"("ce-subject": "account/one")",
        R"("ce-time": "2026-11-23T04:05:06.789Z")", R"("ce-partitionkey": "key%201")",
        R"("idempotency-key": "one")", R"("user-agent": "copybridge")",
        R"("body": "{\"NUMBER\":0}")"}) {
    EXPECT_THAT(requests()[0], HasSubstr(part));
  }
  EXPECT_THAT(requests()[0], Not(HasSubstr("\"expect\"")));
}

TEST_F(HttpPublisherTest, SendsTheTraceAsHeadersAndAttributes) {
  auto harness = make("/in");
  publishers::Event event = *events_.add("one");
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.tracestate = "rojo=00f0 67,congo=t6";
  harness->publish_and_wait({&event});
  for (const char* part :
       {R"("traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")",
        R"("ce-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")",
        R"("tracestate": "rojo=00f0 67,congo=t6")",
        R"("ce-tracestate": "rojo=00f0%2067,congo=t6")"}) {
    EXPECT_THAT(requests()[0], HasSubstr(part));
  }
}

TEST_F(HttpPublisherTest, SendsStructuredCloudEvents) {
  EXPECT_THAT(send_one("/in", "mode: structured, method: PUT").outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(requests()[0], HasSubstr(R"("content-type": "application/cloudevents+json")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("method": "PUT")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("body": "{\"specversion\":\"1.0\",\"id\":\"one\")"));
}

TEST_F(HttpPublisherTest, SendsBatchesOfCloudEvents) {
  auto harness = make("/in", "mode: batch");
  harness->publish_and_wait(events_.add_many(2));
  EXPECT_THAT(requests()[0], HasSubstr(R"("application/cloudevents-batch+json")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("body": "[{\"specversion\":\"1.0\",\"id\":\"id-0\")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"(\"id\":\"id-1\")"));
  EXPECT_THAT(requests()[0], Not(HasSubstr("idempotency-key")));
}

TEST_F(HttpPublisherTest, SendsPlainBodies) {
  send_one("/in", "mode: body");
  EXPECT_THAT(requests()[0], HasSubstr(R"("body": "{\"NUMBER\":0}")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("idempotency-key": "one")"));
  EXPECT_THAT(requests()[0], Not(HasSubstr("ce-id")));
}

TEST_F(HttpPublisherTest, SendsArraysOfBodies) {
  auto harness = make("/in", "mode: json-array");
  harness->publish_and_wait(events_.add_many(2));
  EXPECT_THAT(requests()[0], HasSubstr(R"("body": "[{\"NUMBER\":0},{\"NUMBER\":1}]")"));
}

TEST_F(HttpPublisherTest, SendsLinesOfBodies) {
  auto harness = make("/in", "mode: json-lines");
  harness->publish_and_wait(events_.add_many(2));
  EXPECT_THAT(requests()[0], HasSubstr(R"("content-type": "application/x-ndjson")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("body": "{\"NUMBER\":0}\n{\"NUMBER\":1}\n")"));
}

TEST_F(HttpPublisherTest, DataCannotBreakOutOfAHeader) {
  auto harness = make("/in");
  harness->publish_and_wait({events_.add("x\r\nEvil: yes\r\n\r\n")});
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_THAT(requests()[0], HasSubstr(R"("ce-id": "x%0D%0AEvil:%20yes%0D%0A%0D%0A")"));
  EXPECT_THAT(requests()[0], Not(HasSubstr(R"("evil")")));
}

TEST_F(HttpPublisherTest, RefusalNamesStatusAndAddressWithoutQuery) {
  const Response response = send_one("/status/404?where=here");
  // The endpoint answers 200 to a path it does not know; the query belongs to the path there.
  EXPECT_THAT(response.reason, Not(HasSubstr("where")));
  const Response refused = send_one("/status/404");
  EXPECT_THAT(refused.outcomes, ElementsAre(Outcome::refused));
  EXPECT_EQ(refused.reason, "http: " + origin_ + "/status/404: answered 404");
}

TEST_F(HttpPublisherTest, OwnFaultOfTheEventIsPermanent) {
  EXPECT_THAT(send_one("/status/413").outcomes, ElementsAre(Outcome::permanent));
}

TEST_F(HttpPublisherTest, RedirectIsRefusedAndNotFollowed) {
  EXPECT_THAT(send_one("/redirect").outcomes, ElementsAre(Outcome::refused));
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(HttpPublisherTest, ReadsRetryAfterAsDate) {
  const Response response = send_one("/retry-date");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::throttled));
  EXPECT_GT(response.retry_after, Milliseconds{20'000});
  EXPECT_LE(response.retry_after, Milliseconds{31'000});
}

TEST_F(HttpPublisherTest, SilenceIsRetryAfterTheFirstByteTimeout) {
  const Response response = send_one("/silent", "first_byte_timeout_ms: 50");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(response.reason, HasSubstr("no answer within 50 ms"));
}

TEST_F(HttpPublisherTest, AnswerThatNeverEndsIsRetryAfterTheTotalTimeout) {
  const Response response = send_one("/stuck", "total_timeout_ms: 200");
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::retry));
}

TEST_F(HttpPublisherTest, LongAnswerIsCutAndItsStatusCounts) {
  EXPECT_THAT(send_one("/endless", "response_bytes_max: 1000").outcomes,
              ElementsAre(Outcome::accepted));
}

TEST_F(HttpPublisherTest, NobodyListeningIsRetry) {
  server_.send(SIGKILL);
  server_.wait();
  EXPECT_THAT(send_one("/in").outcomes, ElementsAre(Outcome::retry));
}

TEST_F(HttpPublisherTest, CloseAnswersWhatIsUnderWayWithRetry) {
  auto harness = make("/silent", "requests_in_flight: 2");
  const std::uint64_t first = harness->publish({events_.add("one")});
  const std::uint64_t second = harness->publish({events_.add("two")});
  harness->publisher()->close(Milliseconds{50});
  const auto responses = harness->take();
  EXPECT_THAT(responses.at(first).outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(responses.at(second).outcomes, ElementsAre(Outcome::retry));
  harness->publisher()->close(Milliseconds{50});
  EXPECT_THAT(harness->publish_and_wait({events_.add("three")}).outcomes,
              ElementsAre(Outcome::retry));
  EXPECT_FALSE(harness->is_answered_twice());
}

TEST_F(HttpPublisherTest, CloseWaitsForWhatIsUnderWay) {
  auto harness = make("/in", "requests_in_flight: 8");
  std::vector<std::uint64_t> numbers;
  for (const Event* event : events_.add_many(8)) numbers.push_back(harness->publish({event}));
  harness->publisher()->close(kPatience);
  for (const std::uint64_t number : numbers) {
    EXPECT_THAT(harness->take().at(number).outcomes, ElementsAre(Outcome::accepted));
  }
}

TEST_F(HttpPublisherTest, EventsMayGoAwayAfterTheResponse) {
  auto harness = make("/in");
  {
    EventStore short_lived;
    harness->publish_and_wait({short_lived.add("short")});
  }
  EXPECT_THAT(harness->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
}

TEST_F(HttpPublisherTest, SendsTokenAndConfiguredHeaders) {
  folder_.write("token", "good-token\n");
  const std::string token = "${file:" + (folder_.path() / "token").string() + "}";
  auto harness = make("/auth", "bearer: '" + token + "', headers: {X-Tenant: '7', X-Key: '" +
                                   token + "', X-Empty: ''}");
  EXPECT_THAT(harness->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
  EXPECT_THAT(requests()[0], HasSubstr(R"("x-tenant": "7")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("x-key": "good-token")"));
  EXPECT_THAT(requests()[0], HasSubstr(R"("x-empty": "")"));
}

TEST_F(HttpPublisherTest, SendsBasicAuthentication) {
  folder_.write("password", "open sesame");
  send_one("/in", "user: ali, password: '${file:" + (folder_.path() / "password").string() + "}'");
  EXPECT_THAT(requests()[0], HasSubstr(R"("authorization": "Basic YWxpOm9wZW4gc2VzYW1l")"));
}

TEST_F(HttpPublisherTest, WrongTokenIsRefusedAndARenewedOneIsTaken) {
  folder_.write("token", "stale-token");
  auto harness = make("/auth", "bearer: '${file:" + (folder_.path() / "token").string() + "}'");
  const Event* event = events_.add("one");
  EXPECT_THAT(harness->publish_and_wait({event}).outcomes, ElementsAre(Outcome::refused));
  EXPECT_FALSE(*harness->publisher()->renew_credentials()) << "nothing else to try";
  folder_.write("token", "good-token");
  EXPECT_TRUE(*harness->publisher()->renew_credentials());
  EXPECT_THAT(harness->publish_and_wait({event}).outcomes, ElementsAre(Outcome::accepted));
}

TEST_F(HttpPublisherTest, MissingTokenFileAfterARefusalIsNamed) {
  folder_.write("token", "stale-token");
  auto harness = make("/auth", "bearer: '${file:" + (folder_.path() / "token").string() + "}'");
  std::filesystem::remove(folder_.path() / "token");
  EXPECT_THAT(harness->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::refused));
  const Result<bool> renewed = harness->publisher()->renew_credentials();
  ASSERT_FALSE(renewed);
  EXPECT_THAT(renewed.error().message, HasSubstr("token cannot be read"));
}

TEST_F(HttpPublisherTest, NoSecretIsEverSaid) {
  folder_.write("url", origin_ + "/status/500/hidden-path?sig=hidden-signature");
  folder_.write("token", "hidden-token");
  const std::string folder = folder_.path().string();
  Harness harness(kHttpPublisher, "{url: '${file:" + folder + "/url}', bearer: '${file:" + folder +
                                      "/token}', headers: {X-Key: '${file:" + folder +
                                      "/token}'}}");
  ASSERT_TRUE(harness.open());
  harness.publish_and_wait({events_.add_body("one", R"({"NAME":"hidden-record"})")});
  server_.send(SIGKILL);
  server_.wait();
  harness.publish_and_wait({events_.add_body("two", R"({"NAME":"hidden-record"})")});
  EXPECT_THAT(requests()[0], HasSubstr("hidden-signature"));
  EXPECT_THAT(harness.everything_said(), HasSubstr(origin_));
  EXPECT_THAT(harness.everything_said(), Not(HasSubstr("hidden")));
}

TEST_F(HttpPublisherTest, GoesThroughTheProxyWithItsPassword) {
  ::setenv("COPYBRIDGE_TEST_PROXY", "open sesame", 1);
  Harness harness(kHttpPublisher, "{url: 'http://far.example/in', proxy: '" + origin_ +
                                      "', proxy_user: bridge, no_proxy: '', "
                                      "proxy_password: '${env:COPYBRIDGE_TEST_PROXY}'}");
  ASSERT_TRUE(harness.open());
  const Response response = harness.publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
  EXPECT_THAT(folder_.read("requests"), HasSubstr("\"path\": \"http://far.example/in\""));
  EXPECT_THAT(folder_.read("requests"),
              HasSubstr("\"proxy-authorization\": \"Basic YnJpZGdlOm9wZW4gc2VzYW1l\""));
}

TEST_F(HttpPublisherTest, ReachesHostsOfNoProxyWithoutIt) {
  Harness harness(kHttpPublisher, "{url: '" + origin_ +
                                      "/in', proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.1'}");
  ASSERT_TRUE(harness.open());
  const Response response = harness.publish_and_wait({events_.add("one")});
  EXPECT_EQ(response.outcomes, std::vector{Outcome::accepted}) << response.reason;
}

TEST_F(HttpPublisherTest, GoesOutFromTheAddressThatIsSaid) {
  Harness harness(kHttpPublisher, "{url: '" + origin_ + "/in', interface: 192.0.2.1}");
  ASSERT_TRUE(harness.open());
  EXPECT_EQ(harness.publish_and_wait({events_.add("one")}).outcomes, std::vector{Outcome::retry});
}

TEST(HttpPublisherOpen, MissingSecretIsAConfigurationError) {
  Harness harness(kHttpPublisher, "{url: '${env:COPYBRIDGE_NO_SUCH_VARIABLE}'}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
  EXPECT_THAT(opened.error().message, HasSubstr("COPYBRIDGE_NO_SUCH_VARIABLE is not set"));
}

TEST(HttpPublisherOpen, LineEndInASecretIsAConfigurationError) {
  ::setenv("COPYBRIDGE_TEST_TOKEN", "a\r\nEvil: b", 1);
  Harness harness(kHttpPublisher,
                  "{url: 'http://127.0.0.1:1/', bearer: '${env:COPYBRIDGE_TEST_TOKEN}'}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("holds a line end"));
  EXPECT_THAT(opened.error().message, Not(HasSubstr("Evil")));
}

TEST(HttpPublisherOpen, MissingCertificateIsAConfigurationError) {
  Harness harness(kHttpPublisher, "{url: 'https://127.0.0.1:1/', ca_bundle: nowhere.pem}");
  const Result<void> opened = harness.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

struct MistakeRow {
  const char* yaml;
  const char* message;
};

class HttpMistake : public testing::TestWithParam<MistakeRow> {};

TEST_P(HttpMistake, IsReportedAtItsPlace) {
  Harness harness(kHttpPublisher, GetParam().yaml);
  EXPECT_THAT(harness.mistakes(), HasSubstr(GetParam().message));
  EXPECT_EQ(harness.publisher(), nullptr);
}

constexpr std::array kMistakes = {
    MistakeRow{"{}", "1:1: error: the key 'url' is missing"},
    MistakeRow{"{url: ftp://x/}", "1:7: error: 'url': http: the URL must begin with http"},
    MistakeRow{"{url: x}", "1:7: error: 'url': http: the URL cannot be read"},
    MistakeRow{"{url: 'http://a:b@x/'}", "1:7: error: 'url': http: user and password must not"},
    MistakeRow{"{url: 'https://x/?sig=abc'}", "1:7: error: 'url' holds a secret in plain text"},
    MistakeRow{"{url: 'http://x/', bearer: '${env:T}'}", "credentials would cross the network"},
    MistakeRow{"{url: 'https://x/', bearer: abc}", "1:29: error: 'bearer' holds a secret"},
    MistakeRow{"{url: 'https://x/', user: a}", "1:27: error: 'user' needs 'password' as well"},
    MistakeRow{"{url: 'https://x/', client_key: a}", "needs 'client_certificate' as well"},
    MistakeRow{"{url: 'https://x/', headers: {Content-Type: a}}",
               "1:31: error: 'headers': 'Content-Type' is set by the publisher"},
    MistakeRow{"{url: 'https://x/', headers: {ce-id: a}}", "'ce-id' is set by the publisher"},
    MistakeRow{"{url: 'https://x/', headers: {'a b': a}}", "'a b' is not the name of a header"},
    MistakeRow{"{url: 'https://x/', headers: {X-API-Key: a}}", "'X-API-Key' holds a secret"},
    MistakeRow{"{url: 'https://x/', mode: batches}", "did you mean 'batch'?"},
    MistakeRow{"{url: 'https://x/', batch_events_max: 0}", "must be at least 1"},
    MistakeRow{"{url: 'https://x/', user: a, password: '${env:P}', bearer: '${env:T}'}",
               "'bearer' and 'user' exclude each other"}};

INSTANTIATE_TEST_SUITE_P(Table, HttpMistake, testing::ValuesIn(kMistakes));

/// Tests against `copybridge listen`.
class HttpToListen : public testing::Test {
 protected:
  std::unique_ptr<ChildProcess> listen(std::vector<std::string> faults) {
    std::vector<std::string> command = {
        support::build_path("copybridge"),   "listen", "--port", "0", "--quiet", "--output",
        (folder_.path() / "events").string()};
    command.insert(command.end(), faults.begin(), faults.end());
    return std::make_unique<ChildProcess>(std::move(command));
  }
  std::unique_ptr<Harness> publisher(int port, const std::string& more) {
    auto harness = std::make_unique<Harness>(
        kHttpPublisher, "{url: 'http://127.0.0.1:" + std::to_string(port) + "/', " + more + "}");
    EXPECT_EQ(harness->mistakes(), "");
    EXPECT_TRUE(harness->open());
    return harness;
  }
  /// Sends every event until it is accepted, up to 16 at a time; how often one had to be repeated.
  static std::size_t deliver(Harness& harness, const std::vector<const Event*>& events) {
    std::size_t repeated = 0;
    std::vector<const Event*> waiting = events;
    while (!waiting.empty()) {
      std::vector<const Event*> now;
      while (!waiting.empty() && now.size() < 16) {
        now.push_back(waiting.back());
        waiting.pop_back();
      }
      std::vector<std::uint64_t> numbers;
      numbers.reserve(now.size());
      for (const Event* event : now) numbers.push_back(harness.publish({event}));
      for (std::size_t i = 0; i < now.size(); ++i) {
        const Response response = harness.response_to(numbers[i]);
        if (response.outcomes == std::vector{Outcome::accepted}) continue;
        EXPECT_EQ(response.outcomes, std::vector{Outcome::retry}) << response.reason;
        waiting.push_back(now[i]);
        ++repeated;
      }
    }
    return repeated;
  }

  TestFolder folder_;
  EventStore events_;
};

TEST_F(HttpToListen, NothingIsLostBetweenFailuresAndResets) {
  const auto server = listen({"--fail-every", "10", "--reset-every", "23"});
  auto harness = publisher(server->read_port(), "requests_in_flight: 16");
  const std::size_t repeated = deliver(*harness, events_.add_many(500));
  harness->publisher()->close(kPatience);
  std::multiset<std::string> lines;
  for (const std::string& line : lines_of(folder_.read("events"))) lines.insert(line);
  const std::set<std::string> different(lines.begin(), lines.end());
  EXPECT_EQ(different.size(), 500U);
  EXPECT_GT(lines.size(), different.size()) << "no reset after storing: nothing was shown";
  EXPECT_GT(repeated, 50U);
}

TEST_F(HttpToListen, ResetIsRetry) {
  const auto server = listen({"--reset-every", "1"});
  auto harness = publisher(server->read_port(), "mode: body");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::retry));
  EXPECT_THAT(response.reason, HasSubstr("reset"));
}

TEST_F(HttpToListen, ThrottlingIsRetryAfterTheTimeAskedFor) {
  const auto server = listen({"--fail-every", "1", "--fail-status", "429", "--retry-after", "7"});
  auto harness = publisher(server->read_port(), "mode: body");
  const Response response = harness->publish_and_wait({events_.add("one")});
  EXPECT_THAT(response.outcomes, ElementsAre(Outcome::throttled));
  EXPECT_EQ(response.retry_after, Milliseconds{7000});
}

TEST_F(HttpToListen, SlowEndpointIsWaitedFor) {
  const auto server = listen({"--delay-ms", "30"});
  auto harness = publisher(server->read_port(), "mode: body");
  EXPECT_THAT(harness->publish_and_wait({events_.add("one")}).outcomes,
              ElementsAre(Outcome::accepted));
}

TEST_F(HttpToListen, EveryBatchFormArrivesWhole) {
  const auto server = listen({});
  const int port = server->read_port();
  for (const char* mode : {"batch", "json-array", "json-lines"}) {
    auto harness = publisher(port, std::string("mode: ") + mode);
    EXPECT_EQ(harness->publisher()->limits().events_per_request, 100U);
    EXPECT_THAT(harness->publish_and_wait(events_.add_many(100)).outcomes,
                ElementsAre(Outcome::accepted));
  }
  EXPECT_EQ(lines_of(folder_.read("events")).size(), 300U);
}

}  // namespace
}  // namespace copybridge::publishers
