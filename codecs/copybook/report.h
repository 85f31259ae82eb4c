// Mistakes found in a copybook, in the order of its text and bounded in number.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "codecs/copybook/token.h"

namespace copybridge::copybook {

/// Collects findings of all stages. Not thread-safe.
class Report {
 public:
  explicit Report(const Sources& sources) : sources_(sources) {}

  void error(Place place, std::string message, std::string hint = {});
  void warning(Place place, std::string message, std::string hint = {});
  /// A line's text goes on behind column 72, where nothing is read: an error there, or in the line
  /// behind it, may come from that.
  void note_cut(Place place) { cut_lines_.emplace(place.file, place.line); }
  [[nodiscard]] bool is_cut(Place place) const {
    return cut_lines_.contains({place.file, place.line});
  }

  /// Whether so many errors were found that going on helps nobody; the caller then stops.
  [[nodiscard]] bool is_full() const { return errors_ >= kErrorsMax; }
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] Where where(Place place) const;

  /// All findings in the order of the text; COPY members follow the text that names them.
  [[nodiscard]] Diagnostics in_order();

 private:
  static constexpr std::size_t kErrorsMax = 100;
  struct Finding {
    Severity severity;
    Place place;
    std::string message;
    std::string hint;
  };
  void add(Finding finding);
  [[nodiscard]] std::string cut_hint(Place place) const;

  const Sources& sources_;
  std::vector<Finding> findings_;
  std::set<std::pair<std::uint16_t, std::uint32_t>> cut_lines_;  ///< file and line
  std::size_t errors_ = 0;
};

}  // namespace copybridge::copybook
