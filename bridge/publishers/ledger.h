// What has been committed exactly once, as the endpoint knows it: each transaction (a unit of work)
// holds, beside its events, an entry with the hashes of their ids.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// The events of committed transactions that their source may still send again.
class IdLedger {
 public:
  static constexpr std::size_t kHashBytes = 32;  ///< of an event in an entry's value

  struct Entry {
    std::uint64_t sequence = 0;       ///< of the transaction; rises, also over restarts
    std::vector<std::string> hashes;  ///< of the events' ids
  };

  /// `owner`: what every key of its messages begins with.
  explicit IdLedger(std::string owner) : owner_(std::move(owner)) {}

  [[nodiscard]] bool knows(std::string_view id) const;
  /// The entry of the next transaction, holding these ids. Not in the ledger before add().
  [[nodiscard]] Entry next(const std::vector<const Event*>& events) const;
  void add(Entry entry);
  /// The source will not send these again.
  void forget(const std::vector<std::string>& ids);
  /// The sequences of the entries of which nothing is left; they stay there until they are removed.
  [[nodiscard]] const std::vector<std::uint64_t>& obsolete() const { return obsolete_; }
  /// The first of them are removed.
  void remove_obsolete(std::size_t count);

  /// Key and value of an entry's message; a message without value removes the entry.
  [[nodiscard]] std::string key_of(std::uint64_t sequence) const;
  [[nodiscard]] static std::string value_of(const Entry& entry);
  /// Takes a message as it was read, in order. `is_old`: what it holds is forgotten. False where
  /// it is none of ours.
  bool take(std::string_view key, std::string_view value, bool is_removal, bool is_old);

 private:
  struct Held {
    std::vector<std::string> hashes;
    std::size_t left = 0;  ///< of them, not forgotten
  };

  void erase(std::uint64_t sequence);
  void forget_hash(const std::string& hash);

  std::string owner_;
  std::map<std::uint64_t, Held> entries_;
  std::unordered_map<std::string, std::uint64_t> sequence_of_;
  std::vector<std::uint64_t> obsolete_;
  std::uint64_t next_ = 1;
};

}  // namespace copybridge::publishers
