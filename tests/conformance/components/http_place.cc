// Where the adapter http is posted to.
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/conformance/components/place.h"
#include "tests/support/http_post.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

/// A sender that posts until it is told that its records are safe, one request after the other.
class Poster : public Place {
 public:
  explicit Poster(std::string answer) : answer_(std::move(answer)) {}
  ~Poster() override {
    {
      const std::scoped_lock lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    if (sender_.joinable()) sender_.join();
  }
  std::string options() const override {
    return "{listen: '127.0.0.1:" + std::to_string(port_) + "', answer: " + answer_ +
           ", records_in_body: framed, recfm: F, lrecl: 8, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    {
      const std::scoped_lock lock(mutex_);
      posts_.emplace_back();
      for (const std::string& record : records) posts_.back() += record;
    }
    if (!sender_.joinable()) sender_ = std::thread([this] { post_all(); });
    changed_.notify_all();
  }

 private:
  void post_all() {
    for (int number = 0;; ++number) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !posts_.empty(); });
      if (is_ending_) return;
      const support::HttpPost post{.port = port_,
                                   .content_type = "application/octet-stream",
                                   .body = posts_.front(),
                                   .headers = {{"Idempotency-Key", std::to_string(number)}}};
      posts_.pop_front();
      lock.unlock();
      while (!is_ending_ && support::send(post).status / 100 != 2) std::this_thread::yield();
    }
  }

  const std::string answer_;
  const std::uint16_t port_ = support::free_port();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_ending_ = false;
  std::deque<std::string> posts_;
  std::thread sender_;
};

struct PosterOfStored final : Poster {
  explicit PosterOfStored(const fs::path&) : Poster("stored") {}
};
/// By option it holds records for as long as their senders wait for the answer.
struct PosterOfDelivered final : Poster {
  explicit PosterOfDelivered(const fs::path&) : Poster("delivered") {}
};

constexpr std::array kRigs = {AdapterRig{"http", Behind::nothing, make_place<PosterOfDelivered>},
                              AdapterRig{"http", Behind::spool, make_place<PosterOfStored>}};
const RegisteredRigs kRegistered(kRigs);

}  // namespace
}  // namespace copybridge::tests
