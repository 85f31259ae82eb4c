// The file, and the turns of a process's sources.
#include "bridge/run_marker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

#include "bridge/core/hash.h"

namespace copybridge::bridge {
namespace {

constexpr Milliseconds kTurnWait{50};
/// Written whole and in place, so that a disk that is full takes it.
constexpr std::size_t kSize = 512;
constexpr std::string_view kNone = "-";
/// So many from outside are taken for a record's doing; a death of itself counts as all of them.
constexpr std::uint64_t kKillsMax = 5;
/// The file's last byte; a handler of signals writes it.
constexpr char kDiedOfItself = '!';
constexpr std::size_t kSourcesMax = 256;
/// Files that are to say it; 0: none.
std::array<std::atomic<int>, kSourcesMax> watched_files;
/// Other threads go on for a moment, and may write over what the handler wrote.
std::atomic<bool> is_dying{false};
std::array<struct sigaction, NSIG> earlier_handlers;

tl::unexpected<Error> failed(const std::filesystem::path& path, std::string_view doing) {
  return fail(ErrorKind::storage, fmt::format("state: {}: cannot {}: {}", path.string(), doing,
                                              std::generic_category().message(errno)));
}

/// It is the process that dies: a record is alone only where no other source has one marked.
class Turns {
 public:
  bool take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kTurnWait, [this] { return !is_taken_; })) return false;
    is_taken_ = true;
    return true;
  }
  void give_back() {
    {
      const std::scoped_lock lock(mutex_);
      is_taken_ = false;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_taken_ = false;
};

Turns& turns() {
  static Turns only;
  return only;
}

std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::uint64_t next_number(std::string_view& text) {
  return std::strtoull(std::string(next_word(text)).c_str(), nullptr, 10);
}

std::string next_id(std::string_view& text) {
  const std::string_view word = next_word(text);
  return word == kNone ? "" : std::string(word);
}

std::string_view shown(const std::string& id) { return id.empty() ? kNone : std::string_view(id); }

extern "C" void note_death(int number, siginfo_t* info, void*) {
  is_dying = true;  // Before the files: see RunMarker::write().
  for (const std::atomic<int>& file : watched_files) {
    if (file > 0) static_cast<void>(!::pwrite(file, &kDiedOfItself, 1, kSize - 1));
  }
  // What would have happened without this handler happens now: a fault comes again on return.
  ::sigaction(number, &earlier_handlers[static_cast<std::size_t>(number)], nullptr);
  if (info->si_code <= 0) ::raise(number);
}

void install_handlers() {
  struct sigaction action {};
  action.sa_sigaction = note_death;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    ::sigaction(number, &action, &earlier_handlers[static_cast<std::size_t>(number)]);
  }
}

void watch_deaths(int file) {
  static std::once_flag installed;
  std::call_once(installed, install_handlers);
  for (std::atomic<int>& slot : watched_files) {
    int none = 0;
    if (slot.compare_exchange_strong(none, file)) return;
  }
}

void forget_deaths(int file) {
  for (std::atomic<int>& slot : watched_files) {
    int held = file;
    if (slot.compare_exchange_strong(held, 0)) return;
  }
}

}  // namespace

RunMarker::~RunMarker() { close(); }

Result<void> RunMarker::open(const std::filesystem::path& path) {
  path_ = path;
  file_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_.is_open()) return failed(path_, "open");
  std::array<char, kSize> text{};
  const ssize_t size = ::pread(file_.number(), text.data(), text.size(), 0);
  if (size < 0) return failed(path_, "read");
  std::string_view left(text.data(), static_cast<std::size_t>(size));
  if (size == 0 && sync_folder(path_.parent_path()) != 0) return failed(path_, "make");
  now_.alone = next_id(left);
  now_.accused = next_id(left);
  now_.charges = next_number(left);
  now_.kills = next_number(left);
  now_.suspects = next_number(left);
  now_.suspects = std::max(now_.suspects, next_number(left));
  const bool died_of_itself = text.back() == kDiedOfItself;
  take_over(died_of_itself ? kKillsMax : 1);
  watch_deaths(file_.number());
  return {};
}

/// Makes of what the last run left what is suspected in this one.
void RunMarker::take_over(std::uint64_t weight) {
  if (!now_.alone.empty()) {
    now_.charges = (now_.alone == now_.accused ? now_.charges : 0) + weight;
    now_.accused = std::exchange(now_.alone, {});
    now_.suspects += 1;  // It was counted off when it was marked.
  }
  now_.kills = now_.suspects > 0 ? now_.kills + weight : 0;
  is_cautious_ = now_.kills >= kKillsMax;
}

Result<RunMarker::Verdict> RunMarker::note_read(std::string_view first_id, std::size_t records) {
  if (!file_.is_open()) return Verdict::free;
  if (std::exchange(is_convicted_, false)) now_.accused.clear();
  if (wants_units_of_one()) return note_unit(hash_of(first_id), records);
  now_.in_flight += records;
  if (is_cautious_) {
    now_.alone.clear();
    now_.accused.clear();
    now_.charges = 0;
    now_.kills = 0;
  }
  // A run that is killed must be known, and so must one that is past its suspects.
  const Result<void> written = write(is_cautious_ || !has_written_);
  if (!written) {
    now_.in_flight -= records;
    return pass_on(written);
  }
  is_cautious_ = false;
  batches_.push_back(records);
  return Verdict::free;
}

Result<RunMarker::Verdict> RunMarker::note_unit(const std::string& id, std::size_t records) {
  if (!has_turn_ && !take_turn()) return Verdict::later;
  const Content before = now_;
  now_.suspects -= std::min<std::uint64_t>(now_.suspects, records);
  now_.in_flight += records;
  batches_.push_back(records);
  // The file says so until it is settled as a dead letter.
  is_convicted_ = records == 1 && id == now_.accused && now_.charges >= kKillsMax;
  if (is_convicted_) {
    let_others();
    return Verdict::guilty;
  }
  now_.alone = records == 1 ? id : "";
  const Result<void> written = write(true);
  if (!written) {
    now_ = before;
    batches_.pop_back();
    let_others();
    return pass_on(written);
  }
  return Verdict::free;
}

void RunMarker::note_alive() {
  if (!has_turn_) return;
  now_.alone.clear();
  static_cast<void>(write(true));
  let_others();
}

void RunMarker::note_settled(std::uint64_t batches) {
  for (; settled_ < batches && !batches_.empty(); ++settled_) {
    const std::uint64_t records = batches_.front();
    batches_.pop_front();
    now_.in_flight -= records;
    if (is_cautious_) continue;
    now_.suspects -= std::min(now_.suspects, records);
    if (now_.suspects == 0) now_.kills = 0;
  }
}

void RunMarker::let_others() {
  if (std::exchange(has_turn_, false)) turns().give_back();
}

bool RunMarker::take_turn() {
  has_turn_ = turns().take();
  return has_turn_;
}

void RunMarker::remove() {
  const bool is_there = file_.is_open();
  close();
  if (is_there) ::unlink(path_.c_str());
}

void RunMarker::close() {
  let_others();
  if (file_.is_open()) forget_deaths(file_.number());
  file_ = Descriptor();
}

Result<void> RunMarker::write(bool is_durable) {
  std::string text = fmt::format("{} {} {} {} {} {}\n", shown(now_.alone), shown(now_.accused),
                                 now_.charges, now_.kills, now_.suspects, now_.in_flight);
  text.resize(kSize, '\n');
  const ssize_t put = ::pwrite(file_.number(), text.data(), text.size(), 0);
  if (put != static_cast<ssize_t>(kSize)) {
    if (put >= 0) errno = ENOSPC;
    return failed(path_, "write");
  }
  if (is_dying) static_cast<void>(!::pwrite(file_.number(), &kDiedOfItself, 1, kSize - 1));
  if (is_durable && ::fdatasync(file_.number()) != 0) return failed(path_, "sync");
  has_written_ = true;
  return {};
}

}  // namespace copybridge::bridge
