// Member names in JSON: styles, FILLER numbers, and names that occur twice in one object.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/plan/options.h"

namespace copybridge::plan {

/// A COBOL name in the wanted style: ACCT-ID, acct_id, acctId.
[[nodiscard]] std::string styled(std::string_view name, Names names);

/// A JSON string with its quotes.
[[nodiscard]] std::string quoted(std::string_view text);

/// Hands out the names of one object's members; the second of the same name gets `-2`.
class MemberNames {
 public:
  explicit MemberNames(Names names) : names_(names) {}
  /// The name to print; `was_taken` tells that it had to be changed.
  [[nodiscard]] std::string take(std::string_view name, bool is_final, bool& was_taken);

  /// How many names have been taken.
  [[nodiscard]] std::size_t mark() const { return log_.size(); }
  /// As it was at that mark: the names taken since are free again.
  void rewind(std::size_t mark);

 private:
  struct Taken {
    std::string name;
    std::string printed;
    unsigned number_before = 0;
  };

  Names names_;
  std::set<std::string> taken_;
  std::map<std::string, unsigned> next_;  ///< number to try first, by name
  std::vector<Taken> log_;
};

}  // namespace copybridge::plan
