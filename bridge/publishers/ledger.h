// What has been committed exactly once, as the endpoint knows it: each transaction (a unit of work)
// holds, beside its events, an entry with the hashes of their ids.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/hash.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// The events of committed transactions that their source may still send again.
class IdLedger {
 public:
  static constexpr std::size_t kHashBytes = Hash128::kDigits;  ///< of an event in an entry's value

  struct Entry {
    std::uint64_t sequence = 0;   ///< of the transaction; rises, also over restarts
    std::vector<Hash128> hashes;  ///< of the events' ids
  };

  /// `owner`: what every key of its messages begins with.
  explicit IdLedger(std::string owner) : owner_(std::move(owner)) {}

  [[nodiscard]] bool knows(std::string_view id) const { return knows(hash128_of(id)); }
  [[nodiscard]] bool knows(const Hash128& hash_of_id) const {
    return sequence_of_.contains(hash_of_id);
  }
  /// The entry of the next transaction, holding these ids. Not in the ledger before add().
  [[nodiscard]] Entry next(const std::vector<const Event*>& events) const;
  void add(Entry entry);
  [[nodiscard]] bool is_empty() const { return sequence_of_.empty(); }
  /// The source will not send these again.
  void forget(const std::vector<std::string>& ids);
  void forget_one(std::string_view id) { forget_hash(hash128_of(id)); }
  /// The sequences of the entries of which nothing is left; they stay there until they are removed.
  [[nodiscard]] const std::vector<std::uint64_t>& obsolete() const { return obsolete_; }
  /// The first of them are removed.
  void remove_obsolete(std::size_t count);

  /// Key and value of an entry's message; a message without value removes the entry.
  [[nodiscard]] std::string key_of(std::uint64_t sequence) const;
  [[nodiscard]] static std::string value_of(const std::vector<Hash128>& hashes);
  /// Nothing: it is no such value.
  [[nodiscard]] static std::optional<std::vector<Hash128>> hashes_in(std::string_view value);
  /// Takes a message as it was read, in order. `is_old`: what it holds is forgotten. False where
  /// it is none of ours.
  bool take(std::string_view key, std::string_view value, bool is_removal, bool is_old);

 private:
  struct Held {
    std::vector<Hash128> hashes;
    std::size_t left = 0;  ///< of them, not forgotten
  };

  void erase(std::uint64_t sequence);
  void forget_hash(const Hash128& hash);

  std::string owner_;
  std::map<std::uint64_t, Held> entries_;
  boost::unordered_flat_map<Hash128, std::uint64_t, Hash128::Half> sequence_of_;
  std::vector<std::uint64_t> obsolete_;
  std::uint64_t next_ = 1;
};

}  // namespace copybridge::publishers
