// Both directions of a page from what its bytes mean.
#include "codecs/charset/builder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "codecs/charset/utf8.h"

namespace copybridge::charset {
namespace {

constexpr std::size_t kPairs = 65536;
constexpr std::uint8_t kNewLineByte = 0x15;
constexpr std::uint8_t kLineFeedByte = 0x25;
constexpr std::uint32_t kNel = 0x85;
constexpr std::uint32_t kLineFeed = 0x0A;

CodePage::Entry make_entry(std::uint32_t code_point) {
  CodePage::Entry entry{};
  entry.code_point = code_point;
  const char* end = append_utf8(code_point, entry.utf8.data());
  entry.size = static_cast<std::uint8_t>(end - entry.utf8.data());
  return entry;
}

}  // namespace

CodePageBuilder::CodePageBuilder(std::string name, CodePage::Kind kind)
    : page_(std::make_shared<CodePage>()) {
  page_->name_ = std::move(name);
  page_->kind_ = kind;
  page_->entries_.fill(make_entry(kReplacement));
  page_->from_ascii_.fill(-1);
}

void CodePageBuilder::set_single(std::uint8_t byte, std::uint32_t code_point) {
  page_->entries_[byte] = make_entry(code_point);
}

void CodePageBuilder::set_pair(std::uint16_t code, std::uint32_t first, std::uint32_t second) {
  if (page_->pairs_.empty()) {
    page_->pairs_.resize(kPairs);
    pair_points_.resize(kPairs);
  }
  CodePage::Pair& pair = page_->pairs_[code];
  char* end = append_utf8(first, pair.utf8.data());
  if (second == 0) {
    pair_points_[code] = first;
  } else {
    end = append_utf8(second, end);
    page_->sequences_.push_back({first, second, code});
  }
  pair.size = static_cast<std::uint8_t>(end - pair.utf8.data());
}

void CodePageBuilder::prefer_single(std::uint32_t code_point, std::uint8_t byte) {
  // The half of a mixed page has no single bytes.
  if (page_->kind_ != CodePage::Kind::double_byte) page_->singles_.set(code_point, byte);
}

void CodePageBuilder::prefer_pair(std::uint32_t code_point, std::uint16_t code) {
  page_->pair_codes_.set(code_point, code);
}

Result<std::shared_ptr<const CodePage>> CodePageBuilder::finish(NewLine new_line) {
  const Result<void> placed = place_new_line(new_line);
  if (!placed) return pass_on(placed);
  complete_pairs();
  complete_singles();
  return std::shared_ptr<const CodePage>(std::move(page_));
}

Result<void> CodePageBuilder::place_new_line(NewLine new_line) {
  if (new_line == NewLine::page) return {};
  const std::uint32_t first = page_->entries_[kNewLineByte].code_point;
  const std::uint32_t second = page_->entries_[kLineFeedByte].code_point;
  const bool has_both =
      (first == kNel && second == kLineFeed) || (first == kLineFeed && second == kNel);
  if (!has_both)
    return fail(ErrorKind::config, "code page: " + page_->name_ +
                                       " does not have NEL and LF at 0x15 and 0x25, so that "
                                       "there is no choice between them");
  const bool is_nel = new_line == NewLine::nel;
  set_single(kNewLineByte, is_nel ? kNel : kLineFeed);
  set_single(kLineFeedByte, is_nel ? kLineFeed : kNel);
  page_->singles_.set(kNel, is_nel ? kNewLineByte : kLineFeedByte);
  page_->singles_.set(kLineFeed, is_nel ? kLineFeedByte : kNewLineByte);
  return {};
}

// What has no way back of its own goes back to the first byte that means it, unless the page
// prefers a pair.
void CodePageBuilder::complete_singles() {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint32_t code_point = page_->entries_[byte].code_point;
    if (code_point == kReplacement) continue;
    if (page_->singles_.find(code_point) == CodePointMap::kNone &&
        page_->pair_codes_.find(code_point) == CodePointMap::kNone)
      page_->singles_.set(code_point, static_cast<std::uint16_t>(byte));
  }
  for (std::uint32_t ascii = 0; ascii < page_->from_ascii_.size(); ++ascii) {
    const std::uint16_t byte = page_->singles_.find(ascii);
    if (byte != CodePointMap::kNone) page_->from_ascii_[ascii] = static_cast<std::int16_t>(byte);
  }
}

void CodePageBuilder::complete_pairs() {
  for (std::size_t code = 0; code < pair_points_.size(); ++code) {
    const std::uint32_t code_point = pair_points_[code];
    if (code_point != 0 && page_->pair_codes_.find(code_point) == CodePointMap::kNone)
      page_->pair_codes_.set(code_point, static_cast<std::uint16_t>(code));
  }
  auto& sequences = page_->sequences_;
  std::sort(sequences.begin(), sequences.end(), [](const auto& left, const auto& right) {
    return std::tie(left.first, left.second, left.code) <
           std::tie(right.first, right.second, right.code);
  });
  for (std::size_t i = sequences.size(); i-- > 0;)
    page_->pair_starts_.set(sequences[i].first, static_cast<std::uint16_t>(i));
}

}  // namespace copybridge::charset
