// What has been committed exactly once, as the cluster knows it: a compacted topic of one
// partition, written in the transactions themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bridge/publishers/kafka_producer.h"

namespace copybridge::publishers {

/// The events of committed transactions that their source may still send again.
class KafkaLedger {
 public:
  struct Entry {
    std::uint64_t sequence = 0;       ///< of the transaction; rises, also over restarts
    std::vector<std::string> hashes;  ///< of the events' ids
  };

  /// `owner`: what every key of its messages begins with.
  explicit KafkaLedger(std::string owner) : owner_(std::move(owner)) {}

  [[nodiscard]] bool knows(std::string_view id) const;
  /// The entry of the next transaction, holding these ids. Not in the ledger before add().
  [[nodiscard]] Entry next(const std::vector<const Event*>& events) const;
  void add(Entry entry);
  /// The source will not send these again.
  void forget(const std::vector<std::string>& ids);
  /// The sequences of the entries of which nothing is left; they stay there until remove().
  [[nodiscard]] const std::vector<std::uint64_t>& obsolete() const { return obsolete_; }
  void remove_obsolete() { obsolete_.clear(); }

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

/// Creates the topic where it is not there, and reads it to its end with read_committed. What is
/// older than a month is forgotten: it was settled, only no transaction followed that says so.
/// Called after init_transactions, when no transaction of this producer can be open any more.
/// `is_cancelled` is asked at least twice a second. ErrorKind::peer_away or peer_refused.
[[nodiscard]] Result<KafkaLedger> read_ledger(const KafkaSettings& settings, KafkaReports& reports,
                                              const std::function<bool()>& is_cancelled);

}  // namespace copybridge::publishers
