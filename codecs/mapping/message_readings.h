// A mapping under the code pages and byte orders that messages say: each compiled once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "bridge/core/error.h"
#include "bridge/core/source_attributes.h"
#include "codecs/mapping/message_form.h"

namespace copybridge::mapping {

struct Mapping;

/// For any number of threads. What messages say is hostile: it is kept within bounds.
class MessageReadings {
 public:
  using Reading = Result<std::shared_ptr<const Mapping>>;
  /// Compiles the mapping under a form; empty where it has a code page of its own.
  using Compile = std::function<Reading(const MessageForm&)>;

  explicit MessageReadings(Compile compile) : compile_(std::move(compile)) {}

  /// Whether `codepage: from-message` stands in the mapping.
  [[nodiscard]] bool is_by_message() const { return compile_ != nullptr; }
  /// The mapping as the message's form has it; why not, in a sentence. Only where is_by_message().
  [[nodiscard]] Reading of(const SourceAttributes& source) const;
  /// What the message says otherwise than the mapping, the first time for a queue; else empty.
  [[nodiscard]] std::string new_difference(const Mapping& mapping,
                                           const SourceAttributes& source) const;

  /// Forms that are kept; beyond, the one that was not asked for longest is compiled anew.
  static constexpr std::size_t kKept = 64;
  /// How many were compiled, for tests.
  [[nodiscard]] std::size_t compiled() const;

 private:
  struct Kept {
    Reading reading;
    std::uint64_t asked_at = 0;
  };

  const Compile compile_;
  mutable std::mutex mutex_;
  mutable std::map<MessageForm, Kept> kept_;
  mutable std::uint64_t asked_ = 0;
  mutable std::size_t compiled_ = 0;
  mutable std::map<MessageForm, std::string> differences_;
  mutable std::set<std::string, std::less<>> queues_told_;
};

}  // namespace copybridge::mapping
