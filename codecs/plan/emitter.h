// Builds one sub-plan: merges constant text into the operation that follows it, and knows where
// commas are due.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codecs/plan/op.h"

namespace copybridge::plan {

/// What the object being written ends with at this point.
enum class Members : std::uint8_t {
  none,   ///< no member yet
  some,   ///< a member without a comma behind it
  comma,  ///< nothing, or members that each end with a comma: some may be missing
};

class Emitter {
 public:
  /// Text goes to `pool`, operations to `plan`; both must outlive the emitter.
  Emitter(SubPlan& plan, std::string& pool, Members members)
      : plan_(plan), pool_(pool), members_(members) {}

  [[nodiscard]] Members members() const { return members_; }

  void add_text(std::string_view text) { pending_ += text; }
  /// Begins a member: comma where one is due, name and colon. `quoted_name` has its quotes.
  void begin_member(std::string_view quoted_name);
  /// Goes over to members that may be missing: each ends with a comma.
  void begin_optional_members();
  void open_object();
  void close_object();
  /// Adds an operation that writes at most `worst_case` characters behind the pending text.
  void add(Op op, std::uint64_t worst_case);
  /// For what an operation's own sub-plan leaves the object with.
  void set_members(Members members) { members_ = members; }
  /// Puts what text remains behind the last operation.
  void finish();

 private:
  void form_rows();

  SubPlan& plan_;
  std::string& pool_;
  Members members_;
  std::string pending_;
  std::vector<Members> outer_;
};

/// Appends text to the pool; returns its place.
std::uint32_t add_to_pool(std::string& pool, std::string_view text);

}  // namespace copybridge::plan
