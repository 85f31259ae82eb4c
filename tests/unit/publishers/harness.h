// What every publisher's test needs: events, a publisher made from its YAML options, its responses.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/core/state.h"
#include "bridge/publishers/publisher.h"
#include "tests/support/secret_hunt.h"

namespace copybridge::publishers {

/// Waits of the tests end here; reaching it is a failure.
inline constexpr Milliseconds kPatience{20'000};

/// A clock that moves only when told; the calendar starts at 2026-11-23T04:05:06Z.
class ManualClock : public Clock {
 public:
  SteadyTime now() const override { return SteadyTime{} + since_start_.load(); }
  WallTime wall_now() const override {
    return WallTime{std::chrono::seconds{1'795'406'706}} + since_start_.load();
  }
  void advance(Milliseconds by) { since_start_ = since_start_.load() + by; }

 private:
  std::atomic<Milliseconds> since_start_{Milliseconds{0}};
};

/// Events that own their texts. The events' addresses stay.
class EventStore {
 public:
  /// An event with a small JSON body that names its number.
  const Event* add(const std::string& id, const std::string& key = "") {
    return add_body(id, R"({"NUMBER":)" + std::to_string(events_.size()) + "}", key);
  }
  const Event* add_body(const std::string& id, const std::string& body,
                        const std::string& key = "") {
    Event event;
    event.id = keep(id);
    event.source = "/bridge/accounts";
    event.type = "com.example.account";
    event.subject = keep("account/" + id);
    event.key = keep(key);
    event.time = "2026-11-23T04:05:06.789Z";
    event.body = keep(body);
    events_.push_back(event);
    return &events_.back();
  }
  /// `count` events with ids PREFIX0, PREFIX1, …
  std::vector<const Event*> add_many(std::size_t count, const std::string& prefix = "id-") {
    std::vector<const Event*> added;
    for (std::size_t i = 0; i < count; ++i) added.push_back(add(prefix + std::to_string(i)));
    return added;
  }

 private:
  std::string_view keep(const std::string& text) {
    return *texts_.emplace_back(std::make_unique<std::string>(text));
  }

  std::deque<std::unique_ptr<std::string>> texts_;
  std::deque<Event> events_;
};

/// A folder of its own for a test, deleted at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "copybridge-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string read(const std::filesystem::path& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::filesystem::path& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  /// Relative paths of all files, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(path_).string());
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  std::filesystem::path path_;
};

/// A publisher and everything that the pipeline would give it. At its end the secrets of its
/// options are in nothing that was said.
class Harness {
 public:
  /// Makes the publisher from YAML text, `{path: x}`; null in publisher() and messages in
  /// mistakes() where the options are wrong.
  Harness(const PublisherKind& kind, const std::string& yaml,
          const std::filesystem::path& directory = {}, const Clock& clock = system_clock(),
          EventSchema schema = {})
      : secrets_(yaml),
        log_(LogLevel::debug, LogFormat::json, clock,
             [this](std::string_view line) { log_lines_.emplace_back(line); }) {
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml(yaml, "bridge.yaml", diagnostics);
    const Options options = read_options(node, kind.options, {}, diagnostics);
    publisher_ = kind.make({.name = "cloud",
                            .directory = directory,
                            .log = log_,
                            .clock = clock,
                            .state = &*state_,
                            .schema = std::move(schema)},
                           options, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      mistakes_ += to_string(diagnostic) + "\n";
    }
    if (diagnostics.has_errors()) publisher_.reset();
  }
  ~Harness() {
    if (publisher_) publisher_->close(Milliseconds{0});
    secrets_.note();
    EXPECT_EQ(secrets_.found_in(mistakes_ + everything_said()), "") << "is in what was said";
  }

  Publisher* publisher() { return publisher_.get(); }
  const std::string& mistakes() const { return mistakes_; }
  Result<void> open() { return publisher_->open(CompletionPort(queue_, 7)); }

  /// Hands a request over; its number is the count of requests so far, its epoch that of the
  /// failures taken so far.
  std::uint64_t publish(std::vector<const Event*> events) {
    return publish(std::move(events), failures_);
  }
  std::uint64_t publish(std::vector<const Event*> events, std::uint64_t epoch) {
    const std::uint64_t number = ++requests_;
    publisher_->publish({.number = number,
                         .epoch = epoch,
                         .events = std::move(events),
                         .settled_ids = std::exchange(settled_ids_, {})});
    return number;
  }
  /// Goes with the next request.
  void note_settled(std::vector<std::string> ids) { settled_ids_ = std::move(ids); }
  [[nodiscard]] std::uint64_t epoch() const { return failures_; }
  /// Waits for the response to a request; fails the test where none comes.
  Response response_to(std::uint64_t number) {
    const SteadyTime limit = std::chrono::steady_clock::now() + kPatience;
    while (!responses_.contains(number) && std::chrono::steady_clock::now() < limit) {
      // As the pipeline does while its source waits.
      publisher_->flush(requests_ - responses_.size());
      take(Milliseconds{50});
    }
    const auto found = responses_.find(number);
    if (found == responses_.end()) return {.reason = "no response came"};
    return found->second;
  }
  /// Publishes and waits; the outcome of the first event.
  Response publish_and_wait(std::vector<const Event*> events) {
    return response_to(publish(std::move(events)));
  }
  /// All responses that are there, by number of their requests.
  const std::map<std::uint64_t, Response>& take(Milliseconds wait = Milliseconds{0}) {
    for (Response& response : queue_.take(wait)) {
      is_answered_twice_ |= responses_.contains(response.number);
      failures_ += std::ranges::any_of(response.outcomes, [](Outcome outcome) {
        return outcome == Outcome::retry || outcome == Outcome::refused;
      });
      responses_[response.number] = std::move(response);
    }
    return responses_;
  }
  bool is_answered_twice() const { return is_answered_twice_; }
  /// Everything that was logged, and every reason so far: where no secret may stand.
  std::string everything_said() {
    take();
    std::string text;
    for (const std::string& line : log_lines_) text += line + "\n";
    for (const auto& [number, response] : responses_) text += response.reason + "\n";
    return text;
  }

 private:
  testing_support::SecretHunt secrets_;
  TestFolder folder_;
  Result<StateDirectory> state_ = StateDirectory::open(folder_.path() / "state");
  std::vector<std::string> log_lines_;
  Log log_;
  CompletionQueue queue_;
  std::unique_ptr<Publisher> publisher_;
  std::string mistakes_;
  std::uint64_t requests_ = 0;
  std::uint64_t failures_ = 0;
  std::vector<std::string> settled_ids_;
  std::map<std::uint64_t, Response> responses_;
  bool is_answered_twice_ = false;
};

/// The lines of a text, without line ends.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace copybridge::publishers
