// Units of work in one file, replayed at the start.
#include "tests/support/mq_double/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <system_error>

namespace copybridge::mq_double {
namespace {

enum class Kind : std::uint8_t { put, taken, backed_out };

/// In front of each entry of a unit; of a put, the name of the queue and the message follow.
struct EntryHead {
  Kind kind = Kind::put;
  Position position;
  Long backout_count = 0;
  std::uint32_t name_length = 0;
  std::uint32_t body_length = 0;
  std::int64_t expires_at = 0;  ///< as the clock counts; 0: never
  mqi::MQMD md;
};

bool is_persistent(const Message& message) {
  return message.md.persistence == mqi::persistence::kPersistent;
}

std::string file_content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void append_put(std::string& unit, const std::string& queue, const Position& position,
                const Message& message) {
  EntryHead head;
  head.position = position;
  head.name_length = static_cast<std::uint32_t>(queue.size());
  head.body_length = static_cast<std::uint32_t>(message.body.size());
  if (message.expires_at) head.expires_at = message.expires_at->time_since_epoch().count();
  head.md = message.md;
  append(unit, head);
  unit += queue;
  unit += message.body;
}

void append_position(std::string& unit, Kind kind, const Position& position,
                     const Message& message) {
  EntryHead head;
  head.kind = kind;
  head.position = position;
  head.backout_count = message.md.backout_count;
  append(unit, head);
}

Message message_of(const EntryHead& head, std::string_view body) {
  Message message{head.md, std::string(body), {}};
  if (head.expires_at != 0)
    message.expires_at = Clock::time_point(Clock::duration(head.expires_at));
  return message;
}

struct Restored {
  std::string queue;
  Message message;
};

/// Replays one entry.
void replay(Received& unit, std::map<Position, Restored>& messages) {
  const auto head = unit.take<EntryHead>();
  if (head.kind == Kind::put) {
    const std::string_view name = unit.take(head.name_length);
    const std::string_view body = unit.take(head.body_length);
    messages.insert_or_assign(head.position, Restored{std::string(name), message_of(head, body)});
    return;
  }
  const auto found = messages.find(head.position);
  if (found == messages.end()) return;
  if (head.kind == Kind::taken)
    messages.erase(found);
  else
    found->second.message.md.backout_count = head.backout_count;
}

}  // namespace

Journal::Journal(const std::filesystem::path& folder, const Restore& restore) {
  const std::filesystem::path path = folder / "journal";
  const std::filesystem::path fresh = folder / "journal.new";
  const std::string content = file_content(path);
  file_ = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), fresh.string());
  this->restore(content, restore);
  write();
  std::filesystem::rename(fresh, path);
}

Journal::~Journal() { ::close(file_); }

void Journal::restore(const std::string& bytes, const Restore& restore) {
  std::map<Position, Restored> messages;
  Received content(bytes);
  while (content.rest().size() >= sizeof(std::uint32_t)) {
    const auto length = content.take<std::uint32_t>();
    if (content.rest().size() < length) break;  // the unit was being written
    Received unit(content.take(length));
    while (!unit.rest().empty()) replay(unit, messages);
  }
  for (auto& [position, restored] : messages) {
    append_put(unit_, restored.queue, position, restored.message);
    restore(restored.queue, position, std::move(restored.message));
  }
}

void Journal::add_put(const Queue& queue, const Position& position, const Message& message) {
  if (is_persistent(message)) append_put(unit_, queue.definition.name, position, message);
}

void Journal::add_taken(const Position& position, const Message& message) {
  if (is_persistent(message)) append_position(unit_, Kind::taken, position, message);
}

void Journal::add_backed_out(const Position& position, const Message& message) {
  if (is_persistent(message)) append_position(unit_, Kind::backed_out, position, message);
}

void Journal::write() {
  if (unit_.empty()) return;
  std::string framed;
  append(framed, static_cast<std::uint32_t>(unit_.size()));
  framed += unit_;
  unit_.clear();
  std::string_view rest = framed;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0) throw std::system_error(errno, std::generic_category(), "journal");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace copybridge::mq_double
