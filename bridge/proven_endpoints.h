// Which destinations have ever taken an event: what a doubtful answer is judged by, also after a
// restart (docs/delivery.md).
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "bridge/core/sqlite.h"
#include "bridge/delivery.h"

namespace copybridge::bridge {

/// One connection's view; for one thread.
class ProvenEndpoints {
 public:
  static Result<ProvenEndpoints> open(Database database);

  /// `configuration`: a destination that is configured otherwise is another one.
  Result<bool> is_proven(const std::string& source, const std::string& destination,
                         const std::string& configuration);
  Result<void> store(const std::string& source, const std::string& destination,
                     const std::string& configuration, bool is_proven);

 private:
  explicit ProvenEndpoints(Database database) : database_(std::move(database)) {}
  Database database_;
};

/// Tells a delivery what is known of its endpoint, and keeps what it finds out.
Result<void> remember_proof(std::shared_ptr<ProvenEndpoints> known, const std::string& source,
                            const std::string& configuration, Delivery& delivery);

}  // namespace copybridge::bridge
