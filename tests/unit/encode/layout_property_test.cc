// Seeded random layouts: their sizes add up by rules that are written here a second time, and every
// record that is made for one has a length the layout allows.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/random_plan.h"
#include "tests/unit/encode/support.h"

namespace copybridge::test {
namespace {

using copybook::Category;
using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;
using copybook::SignPlace;
using copybook::Usage;

bool is_separate(SignPlace sign) {
  return sign == SignPlace::leading_separate || sign == SignPlace::trailing_separate;
}

/// Bytes of a numeric item by its digits, as the Language Reference has them (USAGE clause); 0 for
/// what has none.
std::uint32_t size_by_digits(const Item& item) {
  if (item.category != Category::numeric) return 0;
  const std::uint32_t sign = is_separate(item.sign) ? 1 : 0;
  if (item.usage == Usage::display) return item.digits + sign;
  if (item.usage == Usage::national) return 2 * (item.digits + sign);
  if (item.usage == Usage::packed) return item.digits / 2U + 1;
  if (item.usage == Usage::unsigned_packed) return (item.digits + 1U) / 2;
  return item.digits < 5 ? 2 : item.digits < 10 ? 4 : 8;
}

/// Bytes of `X(30)`, `N(4)` and the like; 0 for other pictures.
std::uint32_t size_by_characters(const Item& item) {
  const std::string& picture = item.picture;
  if (picture.size() < 4 || picture[1] != '(' || picture.back() != ')') return 0;
  const auto count = static_cast<std::uint32_t>(std::stoul(picture.substr(2)));
  switch (picture[0]) {
    case 'A':
    case 'X':
      return count;
    case 'N':
    case 'G':
      return 2 * count;
    case 'U':
      return 4 * count;
    default:
      return 0;
  }
}

/// Bytes of an item without a picture; 0 for those that have one.
std::uint32_t size_by_usage(Usage usage) {
  const bool is_word =
      usage == Usage::float_single || usage == Usage::pointer || usage == Usage::index;
  const bool is_double = usage == Usage::float_double || usage == Usage::procedure_pointer;
  return is_word ? 4 : is_double ? 8 : 0;
}

/// By whichever rule there is; edited pictures have none here.
std::uint32_t size_of(const Item& item) {
  return std::max({size_by_digits(item), size_by_characters(item), size_by_usage(item.usage)});
}

/// Walks a layout beside what its items must be.
class Checker {
 public:
  Checker(const Layout& layout, bool has_slack) : layout_(layout), has_slack_(has_slack) {}

  void check() const {
    EXPECT_EQ(layout_.items[0].offset, 0U);
    EXPECT_EQ(layout_.items[0].size, layout_.size_max);
    EXPECT_EQ(smallest(0), layout_.size_min);
    for (ItemIndex item = 0; item < layout_.items.size(); ++item) check_item(item);
  }

 private:
  void check_item(ItemIndex index) const {
    const Item& item = layout_.items[index];
    EXPECT_GT(item.size, 0U) << item.name;
    if (item.parent != kNoItem) {
      const Item& parent = layout_.items[item.parent];
      EXPECT_GE(item.offset, parent.offset) << item.name;
      EXPECT_LE(item.offset + whole(item), parent.offset + parent.size) << item.name;
    }
    if (item.redefines != kNoItem) {
      EXPECT_EQ(item.offset, layout_.items[item.redefines].offset) << item.name;
    }
    if (item.is_group()) {
      check_group(item);
    } else if (const std::uint32_t size = size_of(item); size > 0) {
      EXPECT_EQ(item.size, size) << item.name << " " << item.picture;
    }
  }

  static std::uint64_t whole(const Item& item) {
    return std::uint64_t{item.size} * item.occurs_max;
  }

  // Each item begins where those before it end, and the group ends with its last one.
  void check_group(const Item& group) const {
    std::uint64_t end = group.offset;
    for (const ItemIndex child : group.children) {
      const Item& item = layout_.items[child];
      if (item.redefines == kNoItem) {
        EXPECT_GE(item.offset, end) << item.name;
        if (!has_slack_) {
          EXPECT_EQ(item.offset, end) << item.name;
        }
      }
      end = std::max(end, item.offset + whole(item));
    }
    EXPECT_GE(group.offset + group.size, end) << group.name;
    if (!has_slack_) {
      EXPECT_EQ(group.offset + group.size, end) << group.name;
    }
  }

  // Bytes of all occurrences with every DEPENDING ON table at its least.
  [[nodiscard]] std::uint64_t smallest(ItemIndex index) const {
    const Item& item = layout_.items[index];
    std::uint64_t lacks = 0;
    for (const ItemIndex child : item.children)
      if (layout_.items[child].redefines == kNoItem && !is_redefined(child))
        lacks += whole(layout_.items[child]) - smallest(child);
    const std::uint32_t count = item.depending_on == kNoItem ? item.occurs_max : item.occurs_min;
    return (item.size - lacks) * count;
  }

  [[nodiscard]] bool is_redefined(ItemIndex index) const {
    for (const Item& item : layout_.items)
      if (item.redefines == index) return true;
    return false;
  }

  const Layout& layout_;
  bool has_slack_;
};

TEST(LayoutProperty, SizesAddUp) {
  std::size_t items = 0;
  for (std::uint32_t seed = 1; seed <= 600 && !testing::Test::HasFailure(); ++seed) {
    RandomChoices choices(seed);
    const std::string copybook = random_copybook(choices);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + copybook);
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr);
    Checker(*layout, copybook.find("SYNC") != std::string::npos).check();
    items += layout->items.size();
  }
  EXPECT_GT(items, 6'000U) << "the generator must make layouts worth looking at";
}

TEST(LayoutProperty, RecordsAreAsLongAsTheirCountersSay) {
  std::size_t varying = 0;
  std::size_t decoded = 0;
  for (std::uint32_t seed = 1; seed <= 300 && !testing::Test::HasFailure(); ++seed) {
    RandomChoices choices(seed);
    // Of alternatives the shortest may be all there is.
    CopybookShape shape;
    shape.has_redefines = false;
    const std::string copybook = random_copybook(choices, shape);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + copybook);
    const auto layout = layout_of(copybook);
    ASSERT_NE(layout, nullptr);
    plan::PlanOptions options = random_plan_options(choices);
    options.short_records = options.long_records = plan::Acceptance::reject;
    options.on_bad_field = plan::OnBadField::null;
    const auto plan = plan_of(layout, options);
    for (int i = 0; i < 5; ++i) {
      ByteBuffer record = random_record(choices, *layout, options);
      EXPECT_GE(record.size(), layout->size_min);
      EXPECT_LE(record.size(), layout->size_max);
      if (record.size() < layout->size_max) ++varying;
      TextBuffer out;
      if (!plan->decode(record.view(), out)) continue;
      ++decoded;
      // One byte more is a record that is too long, one less is one that is too short.
      record.append({reinterpret_cast<const std::uint8_t*>("\0"), 1});
      record.reserve(record.size() + kReadableTail);
      EXPECT_FALSE(plan->decode(record.view(), out)) << to_hex(record.view());
      EXPECT_FALSE(plan->decode(record.view(0, record.size() - 2), out)) << to_hex(record.view());
    }
  }
  EXPECT_GT(varying, 100U);
  EXPECT_GT(decoded, 500U);
}

}  // namespace
}  // namespace copybridge::test
