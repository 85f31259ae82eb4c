// What fills a code page's tables.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codecs/charset/code_page.h"

namespace copybridge::charset {

/// Collects what bytes mean, then makes the page with its way back.
class CodePageBuilder {
 public:
  CodePageBuilder(std::string name, CodePage::Kind kind);

  void set_source(std::string_view text) { page_->source_ = text; }
  void set_single(std::uint8_t byte, std::uint32_t code_point);
  void set_lead(std::uint8_t byte) { page_->is_lead_[byte] = true; }
  /// `second` is 0, or a combining mark.
  void set_pair(std::uint16_t code, std::uint32_t first, std::uint32_t second = 0);
  void set_pair_space(std::uint16_t code) { page_->pair_space_ = code; }
  void set_pair_substitute(std::uint16_t code) { page_->pair_substitute_ = code; }
  /// The code that a character becomes where several bytes mean it; before finish().
  void prefer_single(std::uint32_t code_point, std::uint8_t byte);
  void prefer_pair(std::uint32_t code_point, std::uint16_t code);

  /// Completes the way back and applies the new-line choice; ErrorKind::config where the page has
  /// no NEL to choose about.
  Result<std::shared_ptr<const CodePage>> finish(NewLine new_line);

 private:
  Result<void> place_new_line(NewLine new_line);
  void complete_singles();
  void complete_pairs();

  std::shared_ptr<CodePage> page_;
  std::vector<std::uint32_t> pair_points_;  ///< by pair: its single code point; 0 where none
};

/// A page from ICU's converters.
[[nodiscard]] Result<std::shared_ptr<const CodePage>> load_from_icu(const std::string& name,
                                                                    NewLine new_line);

}  // namespace copybridge::charset
