// The script of faults, read when the first verb is called.
#include "tests/support/mq_double/faults.h"

#include <csignal>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace copybridge::mq_double {
namespace {

struct Entry {
  std::string verb;
  Fault fault;
  long first = 0;
  long last = 0;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

[[noreturn]] void refuse(const std::string& text) {
  std::fprintf(stderr, "COPYBRIDGE_MQ_FAULTS: cannot read %s\n", text.c_str());
  std::abort();
}

void read_calls(const std::string& text, Entry& entry) {
  const std::size_t dash = text.find('-');
  entry.first = std::stol(text);
  entry.last = entry.first;
  if (dash != std::string::npos) entry.last = std::stol(text.substr(dash + 1));
  if (text.back() == '+') entry.last = std::numeric_limits<long>::max();
}

Entry read_entry(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() < 3 || parts.size() > 4) refuse(text);
  if (parts.size() == 4 && parts[3] != "after") refuse(text);
  Entry entry;
  entry.verb = parts[0];
  entry.fault.is_kill = parts[1] == "KILL";
  if (!entry.fault.is_kill) entry.fault.reason = static_cast<mqi::Long>(std::stol(parts[1]));
  entry.fault.is_after = parts.size() == 4;
  read_calls(parts[2], entry);
  return entry;
}

struct Script {
  /// A test that sets another script has the calls counted from there.
  void follow_environment() {
    const char* found = std::getenv("COPYBRIDGE_MQ_FAULTS");
    if (found == nullptr) found = "";
    if (text == found) return;
    text = found;
    entries.clear();
    calls.clear();
    for (const std::string& entry : split(text, ',')) entries.push_back(read_entry(entry));
  }

  std::mutex mutex;
  std::string text;
  std::vector<Entry> entries;
  std::map<std::string, long, std::less<>> calls;
};

}  // namespace

Fault next_fault(std::string_view verb) {
  static Script script;
  const std::lock_guard lock(script.mutex);
  script.follow_environment();
  if (script.entries.empty()) return {};
  const long call = ++script.calls[std::string(verb)];
  for (const Entry& entry : script.entries)
    if (entry.verb == verb && call >= entry.first && call <= entry.last) return entry.fault;
  return {};
}

void kill_if_asked(const Fault& fault, bool is_after) {
  if (fault.is_kill && fault.is_after == is_after) ::raise(SIGKILL);
}

}  // namespace copybridge::mq_double
