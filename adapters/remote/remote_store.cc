// Questions of the source's thread, answered by the worker with the transport.
#include "adapters/remote/remote_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/hash.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters::remote {
namespace {

using file::Arrival;
using file::Disposal;
using file::Finished;
using file::OpenedFile;
using file::Pending;
using file::Signature;

/// A server that refuses our credentials is not asked again sooner: it may lock the user out.
constexpr std::chrono::minutes kRefusalRest{1};
constexpr int kFreeNamesMax = 100;
constexpr std::uint64_t kListing = 0;

/// Files of servers have no inode; name and version stand in for it.
Signature signature_from(const RemoteFile& file) {
  Signature signature;
  const std::string hash = hash_of(file.name + '\0' + file.version).substr(0, 15);
  signature.inode = std::stoull(hash, nullptr, 16);
  signature.size = file.size;
  signature.mtime_ns = file.time_ns;
  return signature;
}

}  // namespace

RemoteStore::RemoteStore(std::string_view kind, const AdapterContext& context,
                         const file::Settings& settings, std::unique_ptr<Transport> transport)
    : kind_(kind), context_(context), settings_(settings), transport_(std::move(transport)) {}

Result<void> RemoteStore::open(const StateDirectory& state, const std::vector<Arrival>& unfinished,
                               std::function<void()> wake) {
  std::string name = context_.name;
  for (char& character : name) {
    if (character == '/') character = '_';
  }
  std::set<std::uint64_t> numbers;
  for (const Arrival& arrival : unfinished) {
    numbers.insert(arrival.number);
    if (arrival.stage == file::Stage::finishing) was_finishing_.insert(arrival.number);
  }
  Result<Copies> copies = Copies::open(state.path() / "fetched" / name, numbers);
  if (!copies) return pass_on(copies);
  copies_ = std::move(*copies);
  refusal_.reset();
  transport_->resume();
  worker_.start(std::move(wake));
  return {};
}

void RemoteStore::close() {
  transport_->stop();
  worker_.stop();
  transport_->disconnect();
  listings_.slots.clear();
  fetches_.slots.clear();
  finishes_.slots.clear();
  names_.reset();
  trouble_.reset();
  was_finishing_.clear();
}

/// Work that is not tried while a refusal is fresh.
template <typename T>
std::function<Result<T>()> RemoteStore::guarded(std::function<Result<T>()> work) {
  return [this, work = std::move(work)]() -> Result<T> {
    if (refusal_ && context_.clock.now() < refused_until_) return tl::make_unexpected(*refusal_);
    refusal_.reset();
    Result<T> answer = work();
    if (!answer && answer.error().kind == ErrorKind::peer_refused) {
      refusal_ = answer.error();
      refused_until_ = context_.clock.now() + kRefusalRest;
    }
    return answer;
  };
}

template <typename T>
Pending<T> RemoteStore::ask(Slots<T>& kind, std::uint64_t number, std::function<Result<T>()> work) {
  Pending<T> answer = worker_.ask<T>(kind, number, guarded<T>(std::move(work)));
  if (!answer) {
    trouble_ = answer.error();
  } else if (*answer) {
    trouble_.reset();
  }
  return answer;
}

bool RemoteStore::is_left_out(const std::string& name) const {
  std::string base = name.substr(name.rfind('/') + 1);
  if (base.ends_with('\'')) base.pop_back();
  if (!settings_.trigger.empty() && base.ends_with(settings_.trigger)) return true;
  for (const Disposal* disposal : {&settings_.after, &settings_.on_error}) {
    const std::string target = disposal->directory.native();
    if (disposal->kind == Disposal::Kind::rename && base.ends_with(target)) return true;
    if (disposal->kind == Disposal::Kind::move && transport_->moved_name(name, target) == name) {
      return true;
    }
  }
  return false;
}

Result<RemoteStore::Listed> RemoteStore::list_all() {
  Listed listed;
  for (const std::string& pattern : settings_.patterns) {
    const Result<std::vector<RemoteFile>> files = transport_->list(pattern);
    if (!files) return pass_on(files);
    for (const RemoteFile& file : *files) {
      const Signature signature = signature_from(file);
      if (!listed.names.emplace(file.name, signature).second || is_left_out(file.name)) continue;
      listed.listing.files.push_back({file.name, signature});
    }
  }
  return listed;
}

Pending<file::Listing> RemoteStore::list() {
  Pending<Listed> listed = ask<Listed>(listings_, kListing, [this] { return list_all(); });
  if (!listed) return pass_on(listed);
  if (!*listed) return std::optional<file::Listing>();
  names_ = std::move((*listed)->names);
  return std::optional<file::Listing>(std::move((*listed)->listing));
}

std::optional<Signature> RemoteStore::signature_of(const std::filesystem::path& path) const {
  if (!names_) return std::nullopt;
  const auto found = names_->find(path.native());
  if (found == names_->end()) return std::nullopt;
  return found->second;
}

Pending<OpenedFile> RemoteStore::open_file(const Arrival& arrival) {
  return ask<OpenedFile>(fetches_, arrival.number, [this, arrival] { return fetch(arrival); });
}

/// The copy where it is there, else all of the file, which must then be as it was listed.
Result<OpenedFile> RemoteStore::fetch(const Arrival& arrival) {
  OpenedFile opened{{}, arrival.signature, {}};
  Result<Descriptor> whole = copies_.open_whole(arrival.number);
  if (!whole) return pass_on(whole);
  if (whole->is_open()) {
    opened.descriptor = std::move(*whole);
    return opened;
  }
  Result<Descriptor> part = copies_.open_part(arrival.number);
  if (!part) return pass_on(part);
  const Result<FetchEnd> end = fetch_rest(arrival, *part);
  if (!end) return pass_on(end);
  if (*end == FetchEnd::missing) return opened;
  const Result<void> compared = compare(arrival, size_of(*part), opened);
  if (!compared) return pass_on(compared);
  if (!opened.change.empty()) {
    copies_.remove(arrival.number);
    opened.descriptor = std::move(*part);
    return opened;
  }
  const Result<void> completed = copies_.complete(arrival.number, *part);
  if (!completed) return pass_on(completed);
  whole = copies_.open_whole(arrival.number);
  if (!whole) return pass_on(whole);
  opened.descriptor = std::move(*whole);
  return opened;
}

/// From where an earlier attempt was cut off, where the server can.
Result<FetchEnd> RemoteStore::fetch_rest(const Arrival& arrival, const Descriptor& part) {
  const SteadyTime begin = context_.clock.now();
  const std::string name = arrival.path.native();
  std::uint64_t offset = size_of(part);
  int failure = 0;
  const transfer::Sink sink = [&](ByteView bytes) {
    if (append(part, bytes)) {
      crash_point("remote_piece_fetched");
      return true;
    }
    failure = errno;
    return false;
  };
  Result<FetchEnd> end = transport_->fetch(name, offset, sink);
  if (end && *end == FetchEnd::no_resume) {
    offset = 0;
    if (::ftruncate(part.number(), 0) != 0) failure = errno;
    if (failure == 0) end = transport_->fetch(name, offset, sink);
  }
  if (failure != 0) {
    return fail(ErrorKind::storage,
                std::string(kind_) + ": the copy of " + file::printable(arrival.path) +
                    " cannot be written: " + std::generic_category().message(failure));
  }
  if (end && *end == FetchEnd::whole) {
    log_file_fetched(
        context_.log, context_.name,
        {.path = file::printable(arrival.path),
         .arrival = arrival.number,
         .bytes = size_of(part),
         .resumed_at = offset,
         .took = std::chrono::duration_cast<Milliseconds>(context_.clock.now() - begin)});
  }
  return end;
}

Result<void> RemoteStore::compare(const Arrival& arrival, std::uint64_t size, OpenedFile& opened) {
  const Result<std::optional<RemoteFile>> now = transport_->look(arrival.path.native());
  if (!now) return pass_on(now);
  if (!*now) {
    opened.change = "it was removed while it was fetched";
  } else if (opened.change = difference(arrival.signature, signature_from(**now));
             opened.change.empty() && (*now)->is_size_exact && (*now)->size != size) {
    return fail(ErrorKind::source, std::string(kind_) + ": " + file::printable(arrival.path) +
                                       " has " + std::to_string((*now)->size) + " bytes, and " +
                                       std::to_string(size) + " came");
  }
  return {};
}

Pending<Finished> RemoteStore::finish(const Arrival& arrival, const Disposal& disposal) {
  return ask<Finished>(finishes_, arrival.number,
                       [this, arrival, disposal] { return finish_on_server(arrival, disposal); });
}

/// A file that is gone was finished by an earlier attempt.
Result<Finished> RemoteStore::finish_on_server(const Arrival& arrival, const Disposal& disposal) {
  if (disposal.kind == Disposal::Kind::keep) return Finished{};
  const std::string name = arrival.path.native();
  const Result<std::optional<RemoteFile>> now = transport_->look(name);
  if (!now) return pass_on(now);
  if (*now) {
    const Signature signature = signature_from(**now);
    std::string change = difference(arrival.signature, signature);
    // The earlier run may have finished it, and this be the next file of that name.
    if (change.empty() && (*now)->is_vague() && was_finishing_.contains(arrival.number)) {
      const Result<bool> is_same = is_same_content(arrival);
      if (!is_same) return pass_on(is_same);
      if (!*is_same) change = "it may be a new one of that name";
    }
    if (!change.empty()) return Finished{std::move(change), signature};
  }
  const Result<void> triggered = dispose_trigger(arrival, disposal);
  if (!triggered) return pass_on(triggered);
  if (*now) {
    const Result<void> disposed = dispose(arrival, name, disposal);
    if (!disposed) return pass_on(disposed);
  }
  crash_point("remote_file_finished");
  return Finished{};
}

/// Whether the file's bytes are still those of the copy.
Result<bool> RemoteStore::is_same_content(const Arrival& arrival) {
  const Result<Descriptor> copy = copies_.open_whole(arrival.number);
  if (!copy) return pass_on(copy);
  if (!copy->is_open()) return false;
  bool is_same = true;
  std::vector<std::uint8_t> piece;
  std::uint64_t position = 0;
  const transfer::Sink sink = [&](ByteView bytes) {
    piece.resize(bytes.size());
    const ssize_t count =
        ::pread(copy->number(), piece.data(), piece.size(), static_cast<off_t>(position));
    is_same = is_same && count == static_cast<ssize_t>(bytes.size()) &&
              std::equal(bytes.begin(), bytes.end(), piece.begin());
    position += bytes.size();
    return true;
  };
  const Result<FetchEnd> end = transport_->fetch(arrival.path.native(), 0, sink);
  if (!end) return pass_on(end);
  return is_same && *end == FetchEnd::whole && position == size_of(*copy);
}

Result<void> RemoteStore::dispose(const Arrival& arrival, const std::string& name,
                                  const Disposal& disposal) {
  if (disposal.kind == Disposal::Kind::remove) return transport_->remove(name);
  const std::string target = disposal.directory.native();
  const std::string wanted = disposal.kind == Disposal::Kind::move
                                 ? transport_->moved_name(name, target)
                                 : transport_->suffixed_name(name, target);
  const Result<std::string> free = free_name(wanted, arrival.number);
  if (!free) return pass_on(free);
  return transport_->rename(name, *free);
}

/// A trigger that was written since belongs to the next file of that name.
Result<void> RemoteStore::dispose_trigger(const Arrival& arrival, const Disposal& disposal) {
  if (settings_.trigger.empty()) return {};
  const std::string name = arrival.path.native() + settings_.trigger;
  const Result<std::optional<RemoteFile>> now = transport_->look(name);
  if (!now) return pass_on(now);
  if (!*now || !is_untouched(arrival.trigger, signature_from(**now))) return {};
  return dispose(arrival, name, disposal);
}

Result<std::string> RemoteStore::free_name(const std::string& wanted, std::uint64_t arrival) {
  std::string name = wanted;
  for (int attempt = 1; attempt < kFreeNamesMax; ++attempt) {
    const Result<std::optional<RemoteFile>> taken = transport_->look(name);
    if (!taken) return pass_on(taken);
    if (!*taken) return name;
    name = transport_->suffixed_name(wanted, ".N" + std::to_string(arrival));
    if (attempt > 1) name = transport_->suffixed_name(name, ".N" + std::to_string(attempt));
  }
  return fail(ErrorKind::source, std::string(kind_) + ": no name is free for " +
                                     file::printable(std::string_view(wanted)));
}

void RemoteStore::forget(const Arrival& arrival) {
  worker_.forget(fetches_, arrival.number);
  worker_.forget(finishes_, arrival.number);
  // A listing from before may still show a file that is finished.
  worker_.forget(listings_, kListing);
  copies_.remove(arrival.number);
}

}  // namespace copybridge::adapters::remote
