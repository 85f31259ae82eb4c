// What `state` knows of a publisher's objects: a name is claimed, with the events that are to be
// under it, before anything is sent there. A claimed name decides for all: what is under it is what
// one of its claims says, or nothing of ours.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/core/sqlite.h"
#include "bridge/publishers/ledger.h"

namespace copybridge::publishers::objects {

/// An object as it was about to be uploaded.
struct Claim {
  std::uint64_t sequence = 0;
  std::string name = {};
  std::string encoding = {};  ///< Encoding::text()
  std::string sha256 = {};    ///< hexadecimal
  std::uint64_t bytes = 0;
  std::vector<Hash128> hashes = {};  ///< of the events' ids, in the object's order
  std::string first_id = {};
  std::string last_id = {};
};

/// For one thread at a time. Every change is on the disk when it returns; ErrorKind::storage.
class ObjectClaims {
 public:
  /// `owner`: publisher and place.
  [[nodiscard]] static Result<ObjectClaims> open(Database database, std::string owner);

  /// The claims of the one name of which it is not known what is there, the newest last. What is
  /// older than a month is not among them: nobody sends it again.
  [[nodiscard]] Result<std::vector<Claim>> undecided();
  /// Objects that are there, whose events may come again.
  [[nodiscard]] Result<IdLedger> stored();
  /// The number of the next object.
  [[nodiscard]] Result<std::uint64_t> next_sequence();

  /// Claims a name, or makes another claim to one of the same sequence.
  [[nodiscard]] Result<void> claim(const Claim& claim);
  /// Of the claims to its name this one is there. `obsolete`: objects whose events do not come
  /// again.
  [[nodiscard]] Result<void> note_stored(const Claim& claim,
                                         const std::vector<std::uint64_t>& obsolete);
  /// Another's object is there.
  [[nodiscard]] Result<void> drop(std::uint64_t sequence);

 private:
  ObjectClaims(Database database, std::string owner)
      : database_(std::move(database)), owner_(std::move(owner)) {}
  [[nodiscard]] Result<void> remove(std::string_view condition, std::uint64_t sequence,
                                    std::string_view sha256);

  Database database_;
  std::string owner_;
};

}  // namespace copybridge::publishers::objects
