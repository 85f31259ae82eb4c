// `copybridge listen` as its users see it: a process, spoken to by Python's HTTP client.
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/unit/publishers/harness.h"
#include "tools/copybridge/listen_events.h"

namespace copybridge::cli {
namespace {

using publishers::lines_of;
using publishers::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::ChildProcess;

std::vector<std::string> read_lines(const Headers& headers, std::string_view body) {
  const auto events = read_events(headers, body);
  if (!events) return {"error: " + events.error().message};
  std::vector<std::string> lines;
  for (const ReceivedEvent& event : *events) lines.push_back(event.line);
  return lines;
}

TEST(ListenEvents, ReadsBinaryCloudEvents) {
  EXPECT_THAT(
      read_lines({{"ce-specversion", "1.0"},
                  {"ce-id", "a%20b"},
                  {"ce-type", "t"},
                  {"ce-subject", "Zo%C3%AB"},
                  {"ce-partitionkey", "k"},
                  {"content-type", "application/json"}},
                 R"({"A":1.10})"),
      ElementsAre(R"({"id":"a b","type":"t","subject":"Zoë","key":"k","data":{"A":1.10}})"));
}

TEST(ListenEvents, ReadsWhereAnEventsDataIs) {
  EXPECT_THAT(
      read_lines({{"ce-specversion", "1.0"}, {"ce-id", "x"}, {"ce-dataref", "file:///a"}}, ""),
      ElementsAre(R"({"id":"x","dataref":"file:///a"})"));
}

TEST(ListenEvents, ReadsStructuredCloudEventsWithAParameterInTheType) {
  EXPECT_THAT(read_lines({{"content-type", "application/cloudevents+json; charset=utf-8"}},
                         R"({"data":{"A":1.10},"id":"x","specversion":"1.0","more":[1]})"),
              ElementsAre(R"({"id":"x","data":{"A":1.10}})"));
}

TEST(ListenEvents, ReadsBatches) {
  EXPECT_THAT(
      read_lines({{"content-type", "application/cloudevents-batch+json"}},
                 R"([{"specversion":"1.0","id":"x","data":1},{"specversion":"1.0","id":"y"}])"),
      ElementsAre(R"({"id":"x","data":1})", R"({"id":"y"})"));
}

TEST(ListenEvents, ReadsArraysAndLinesOfData) {
  EXPECT_THAT(
      read_lines({{"content-type", "application/json"}}, R"([{"A":1},[2],"3",4.50])"),
      ElementsAre(R"({"data":{"A":1}})", R"({"data":[2]})", R"({"data":"3"})", R"({"data":4.50})"));
  EXPECT_THAT(read_lines({{"content-type", "application/x-ndjson"}}, "{\"A\":1}\n\n{\"A\":2}"),
              ElementsAre(R"({"data":{"A":1}})", R"({"data":{"A":2}})"));
}

TEST(ListenEvents, PutsAnEventOnOneLine) {
  EXPECT_THAT(read_lines({{"content-type", "application/json"}}, "{\r\n\"A\": 1\n}\n"),
              ElementsAre("{\"data\":{  \"A\": 1 } }"));
}

TEST(ListenEvents, TakesTheIdempotencyKeyForAnEventWithoutId) {
  EXPECT_THAT(read_lines({{"content-type", "application/json"}, {"idempotency-key", "a%2Fb"}},
                         R"({"A":1})"),
              ElementsAre(R"({"id":"a/b","data":{"A":1}})"));
}

TEST(ListenEvents, WritesWhatIsNotJsonAsAString) {
  EXPECT_THAT(read_lines({{"content-type", "text/plain"}}, "a \"b\""),
              ElementsAre(R"({"data":"a \"b\""})"));
}

TEST(ListenEvents, RefusesBrokenJson) {
  EXPECT_THAT(read_lines({{"content-type", "application/json"}}, R"({"A":1)"),
              ElementsAre(HasSubstr("error: listen:")));
  EXPECT_THAT(read_lines({{"content-type", "application/x-ndjson"}}, "{}\n{"),
              ElementsAre(HasSubstr("error: listen:")));
}

/// Posts bodies one after the other on new connections and prints the statuses.
constexpr const char* kClient = R"(
import http.client, sys
for body in sys.argv[2:]:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json",
                                               "Idempotency-Key": body})
        answer = connection.getresponse()
        answer.read()
        print(answer.status, answer.getheader("Retry-After", "-"))
    except ConnectionResetError:
        print("reset")
)";

class ListenTest : public testing::Test {
 protected:
  std::unique_ptr<ChildProcess> listen(std::vector<std::string> more) {
    std::vector<std::string> command = {support::build_path("copybridge"), "listen", "--port", "0"};
    command.insert(command.end(), more.begin(), more.end());
    auto process = std::make_unique<ChildProcess>(std::move(command));
    port_ = process->read_port();
    return process;
  }
  std::vector<std::string> post(std::vector<std::string> bodies) const {
    std::vector<std::string> command = {"python3", "-c", kClient, std::to_string(port_)};
    command.insert(command.end(), bodies.begin(), bodies.end());
    ChildProcess client(std::move(command));
    EXPECT_EQ(client.wait(), 0) << client.error_output();
    return lines_of(client.output());
  }

  TestFolder folder_;
  int port_ = 0;
};

TEST_F(ListenTest, PrintsWhatArrivesAndTotalsAtTheEnd) {
  const auto server = listen({});
  EXPECT_THAT(post({"1", "[2,3]"}), ElementsAre("200 -", "200 -"));
  server->send(SIGTERM);
  EXPECT_EQ(server->wait(), 0);
  EXPECT_EQ(server->output(), "{\"id\":\"1\",\"data\":1}\n{\"data\":2}\n{\"data\":3}\n");
  EXPECT_EQ(server->error_output(), "received 3 events in 2 requests, refused 0, reset 0\n");
}

TEST_F(ListenTest, FailsEveryNthAndDropsItsEvents) {
  const auto server = listen({"--fail-every", "2", "--fail-status", "429", "--retry-after", "3"});
  EXPECT_THAT(post({"1", "2", "3", "4"}), ElementsAre("200 -", "429 3", "200 -", "429 3"));
  server->send(SIGTERM);
  server->wait();
  EXPECT_EQ(lines_of(server->output()).size(), 2U);
}

TEST_F(ListenTest, ResetsByTurnsBeforeAndAfterStoring) {
  const auto server = listen({"--reset-every", "2"});
  EXPECT_THAT(post({"1", "2", "3", "4"}), ElementsAre("200 -", "reset", "200 -", "reset"));
  server->send(SIGTERM);
  server->wait();
  EXPECT_EQ(server->output(),
            "{\"id\":\"1\",\"data\":1}\n{\"id\":\"3\",\"data\":3}\n{\"id\":\"4\",\"data\":4}\n");
}

TEST_F(ListenTest, AnswersAsToldAndStoresFor2xxOnly) {
  const auto refusing = listen({"--respond", "403"});
  EXPECT_THAT(post({"1"}), ElementsAre("403 -"));
  refusing->send(SIGTERM);
  refusing->wait();
  EXPECT_EQ(refusing->output(), "");
  const auto accepting = listen({"--respond", "202"});
  EXPECT_THAT(post({"1"}), ElementsAre("202 -"));
}

TEST_F(ListenTest, BrokenJsonIsABadRequest) {
  const auto server = listen({});
  EXPECT_THAT(post({"{"}), ElementsAre("400 -"));
}

TEST_F(ListenTest, AppendsToTheOutputFile) {
  folder_.write("events", "before\n");
  const std::string path = (folder_.path() / "events").string();
  const auto server = listen({"--quiet", "--output", path, "--fsync", "--delay-ms", "1"});
  EXPECT_THAT(post({"1"}), ElementsAre("200 -"));
  EXPECT_EQ(folder_.read("events"), "before\n{\"id\":\"1\",\"data\":1}\n");
  server->send(SIGTERM);
  server->wait();
  EXPECT_EQ(server->output(), "");
}

TEST_F(ListenTest, EndsAfterSoManyDifferentEvents) {
  const auto server = listen({"--count", "2"});
  EXPECT_THAT(post({"1", "1", "2"}), ElementsAre("200 -", "200 -", "200 -"));
  EXPECT_EQ(server->wait(), 0);
  EXPECT_EQ(lines_of(server->output()).size(), 3U);
}

TEST_F(ListenTest, FullDiskEndsItWithoutAnAnswerOfSuccess) {
  const auto server = listen({"--quiet", "--output", "/dev/full"});
  EXPECT_THAT(post({"1"}), ElementsAre("500 -"));
  EXPECT_EQ(server->wait(), 4);
  EXPECT_THAT(server->error_output(), HasSubstr("cannot write /dev/full: No space left"));
}

TEST_F(ListenTest, RefusesOtherMachinesUnlessTold) {
  ChildProcess open_to_all(
      {support::build_path("copybridge"), "listen", "--port", "0", "--host", "0.0.0.0"});
  EXPECT_EQ(open_to_all.wait(), 1);
  EXPECT_THAT(open_to_all.error_output(), HasSubstr("give --insecure"));
}

TEST_F(ListenTest, TakenPortEndsWithFour) {
  const auto first = listen({});
  ChildProcess second(
      {support::build_path("copybridge"), "listen", "--port", std::to_string(port_)});
  EXPECT_EQ(second.wait(), 4);
  EXPECT_THAT(second.error_output(), HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace copybridge::cli
