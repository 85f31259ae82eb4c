// The publisher stdout, with standard output put on a file, a pipe and a full device.
#include "bridge/publishers/stdout_publisher.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <array>
#include <iostream>

#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers {
namespace {

/// Puts another descriptor in the place of standard output for a test.
class Redirection {
 public:
  explicit Redirection(int target) : saved_(::dup(STDOUT_FILENO)) {
    std::cout.flush();
    ::fflush(stdout);
    ::dup2(target, STDOUT_FILENO);
  }
  ~Redirection() {
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(std::exchange(ends[0], -1));
  }
  std::array<int, 2> ends{-1, -1};
};

std::string read_some(int descriptor, std::size_t size) {
  std::string text(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t count = ::read(descriptor, text.data() + got, size - got);
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

TEST(StdoutPublisher, PrintsBodiesOneALine) {
  EventStore events;
  Pipe pipe;
  const Redirection redirection(pipe.ends[1]);
  Harness harness(kStdoutPublisher, "{}");
  ASSERT_TRUE(harness.open());
  const Response response = harness.publish_and_wait(events.add_many(2));
  EXPECT_THAT(response.outcomes, testing::ElementsAre(Outcome::accepted));
  EXPECT_EQ(response.destination, 7U);
  EXPECT_EQ(read_some(pipe.ends[0], 26), "{\"NUMBER\":0}\n{\"NUMBER\":1}\n");
}

TEST(StdoutPublisher, PrintsCloudEventsWhereAsked) {
  EventStore events;
  Pipe pipe;
  const Redirection redirection(pipe.ends[1]);
  Harness harness(kStdoutPublisher, "{format: cloudevents}");
  ASSERT_TRUE(harness.open());
  harness.publish_and_wait({events.add("one")});
  EXPECT_EQ(read_some(pipe.ends[0], 30), R"({"specversion":"1.0","id":"one)");
}

TEST(StdoutPublisher, ReaderThatWentAwayIsRefused) {
  EventStore events;
  Pipe pipe;
  const Redirection redirection(pipe.ends[1]);
  Harness harness(kStdoutPublisher, "{}");
  ASSERT_TRUE(harness.open());
  pipe.close_reader();
  const Response response = harness.publish_and_wait(events.add_many(1));
  EXPECT_THAT(response.outcomes, testing::ElementsAre(Outcome::refused));
  EXPECT_EQ(response.reason, "stdout: cannot write: Broken pipe");
}

TEST(StdoutPublisher, FullDiskIsRetry) {
  EventStore events;
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const Redirection redirection(full);
  ::close(full);
  Harness harness(kStdoutPublisher, "{}");
  ASSERT_TRUE(harness.open());
  const Response response = harness.publish_and_wait(events.add_many(1));
  EXPECT_THAT(response.outcomes, testing::ElementsAre(Outcome::retry));
  EXPECT_THAT(response.reason, testing::HasSubstr("No space left"));
}

TEST(StdoutPublisher, CloseDoesNotWaitForASlowReader) {
  EventStore events;
  Pipe pipe;
  const Redirection redirection(pipe.ends[1]);
  Harness harness(kStdoutPublisher, "{}");
  ASSERT_TRUE(harness.open());
  const std::uint64_t stuck =
      harness.publish({events.add_body("big", std::string(1'000'000, 'x'))});
  const std::uint64_t waiting = harness.publish({events.add("next")});
  harness.publisher()->close(Milliseconds{10});
  const auto responses = harness.take();
  EXPECT_THAT(responses.at(stuck).outcomes, testing::ElementsAre(Outcome::retry));
  EXPECT_THAT(responses.at(waiting).outcomes, testing::ElementsAre(Outcome::retry));
  EXPECT_FALSE(harness.is_answered_twice());
}

TEST(StdoutPublisher, LineAfterATornOneBeginsANewLine) {
  EventStore events;
  Pipe pipe;
  const Redirection redirection(pipe.ends[1]);
  const std::string big(100'000, 'x');
  Harness harness(kStdoutPublisher, "{}");
  ASSERT_TRUE(harness.open());
  harness.publish({events.add_body("big", big)});
  harness.publisher()->close(Milliseconds{10});
  const std::string torn = read_some(pipe.ends[0], 65536);
  ASSERT_TRUE(harness.open());
  harness.publish_and_wait({events.add_body("again", "{}")});
  EXPECT_EQ(torn, big.substr(0, 65536));
  EXPECT_EQ(read_some(pipe.ends[0], 4), "\n{}\n");
}

TEST(StdoutPublisher, UnknownFormatIsAMistake) {
  Harness harness(kStdoutPublisher, "{format: xml}");
  EXPECT_THAT(harness.mistakes(), testing::HasSubstr("bridge.yaml:1:10: error: 'format' must be"));
}

}  // namespace
}  // namespace copybridge::publishers
