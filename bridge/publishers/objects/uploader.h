// Claims a name, uploads, finds out what is there: each step of an object's way in an order that
// holds at a crash between any two.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/log.h"
#include "bridge/publishers/objects/claims.h"
#include "bridge/publishers/objects/draft.h"
#include "bridge/publishers/objects/names.h"
#include "bridge/publishers/objects/store.h"

namespace copybridge::publishers::objects {

struct UploaderParts {
  std::string publisher;  ///< its name, for the log
  ObjectStore& store;
  Channel& channel;
  const ObjectNames& names;
  bool has_manifest = false;
  Log& log;
  const Clock& clock;
};

/// Calls wait for the store and for the disk. For one thread at a time.
class ObjectUploader {
 public:
  ObjectUploader(UploaderParts parts, ObjectClaims claims, std::uint64_t next_sequence)
      : parts_(std::move(parts)), claims_(std::move(claims)), next_sequence_(next_sequence) {}

  /// Brings an object to the store. The claim that is there in the end: not the newest where an
  /// earlier attempt had got through. After a failure its name stays claimed.
  [[nodiscard]] Stored<Claim> upload(Draft& draft, const std::vector<std::uint64_t>& obsolete);
  /// What of an earlier attempt's claims is there; nothing: none of them. `is_anothers`: something
  /// else is under the name, which is claimed no longer.
  [[nodiscard]] Stored<std::optional<Claim>> find(const std::vector<Claim>& claims,
                                                  bool& is_anothers);
  /// See ObjectClaims.
  [[nodiscard]] Result<std::vector<Claim>> undecided() { return claims_.undecided(); }

 private:
  [[nodiscard]] Claim claim_of(const Draft& draft);
  [[nodiscard]] Stored<std::optional<Claim>> attempt(Draft& draft, const Claim& claim);
  [[nodiscard]] Stored<std::optional<Claim>> look(const std::vector<Claim>& claims,
                                                  bool& is_anothers);
  [[nodiscard]] std::optional<Response> complete(const Claim& claim,
                                                 const std::vector<std::uint64_t>& obsolete);
  [[nodiscard]] std::optional<Response> put_manifest(const Claim& claim);

  const UploaderParts parts_;
  ObjectClaims claims_;
  std::uint64_t next_sequence_;
};

}  // namespace copybridge::publishers::objects
