// Dead letters: records that can never succeed, kept in `state` with their bytes and the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/core/sqlite.h"
#include "bridge/core/state.h"
#include "codecs/plan/plan.h"

namespace copybridge::bridge {

/// One dead letter. Keyed by `id` and `destination`; the same key stored again replaces it.
struct DeadLetter {
  std::string id;              ///< the event's id: record id and the mapping's name ("-": none)
  std::string record_id;       ///< the record's own id
  std::string destination;     ///< publisher, or a route's publishers with commas
  std::string key;             ///< of its event, where later ones wait for it; otherwise empty
  std::string source;          ///< adapter
  std::string attributes;      ///< JSON object: file, arrival, …
  std::uint64_t position = 0;  ///< byte position in the source, where it is a stream
  std::string mapping;
  std::string mapping_hash;
  std::string copybook;
  std::string copybook_hash;
  plan::BadField field;
  std::string record;       ///< original bytes
  std::string record_time;  ///< when the source says the record arrived, RFC 3339
  std::string time;         ///< when it was stored, RFC 3339
};

/// What later events of a key wait for at a destination.
struct BlockingLetter {
  std::string id, destination, key;
};

/// One JSON object; `with_record`: with the original bytes in hexadecimal.
[[nodiscard]] std::string to_json(const DeadLetter& letter, bool with_record);

/// One connection's view of the dead letters; for one thread.
class DeadLetterStore {
 public:
  static Result<DeadLetterStore> open(Database database);

  /// Stores all or none, durably. ErrorKind::storage (disk full …): the caller keeps them.
  Result<void> store(std::span<const DeadLetter> letters);
  /// One page in the order stored, from behind row `after` (0: the first), which becomes the row
  /// of the last one returned. `source` and `destination` empty: all.
  Result<std::vector<DeadLetter>> list(const std::string& source, const std::string& destination,
                                       std::size_t limit, std::int64_t& after);
  /// Those of a source that have a key, in the order stored.
  Result<std::vector<BlockingLetter>> blocking(const std::string& source);
  Result<std::vector<DeadLetter>> find(const std::string& id);
  Result<std::uint64_t> count();
  /// Removes one; false where there was none.
  Result<bool> remove(const std::string& id, const std::string& destination);

 private:
  explicit DeadLetterStore(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace copybridge::bridge
