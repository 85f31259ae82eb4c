// Keys and subjects: constant text, and fields as plain text.
#include "codecs/plan/text_template.h"

#include <algorithm>
#include <vector>

#include "codecs/condition/locate.h"
#include "codecs/plan/compiler.h"
#include "codecs/plan/program.h"

namespace copybridge::plan {

using copybook::ItemIndex;

namespace {

struct Piece {
  std::string text;       ///< in front of the field
  std::string attribute;  ///< of the source, behind the text; empty: none
  bool has_field = false;
  condition::Locator locator;
  Op op;
  std::uint64_t worst_case = 0;
};

constexpr std::string_view kEscapes = "nrtbf";
constexpr std::string_view kMeanings = "\n\r\t\b\f";

int hex_digit(char character) {
  return character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;
}

// The characters of a JSON string without its quotes, escapes undone, in place.
char* undo_escapes(char* begin, const char* end) {
  char* out = begin;
  const char* at = begin;
  while (at != end) {
    if (*at != '\\') {
      *out++ = *at++;
      continue;
    }
    const std::size_t known = kEscapes.find(at[1]);
    if (at[1] == 'u') {
      *out++ = static_cast<char>(16 * hex_digit(at[4]) + hex_digit(at[5]));
      at += 6;
      continue;
    }
    *out++ = known == std::string_view::npos ? at[1] : kMeanings[known];
    at += 2;
  }
  return out;
}

}  // namespace

struct TextTemplate::Impl {
  Program program;  // keeps what the operations point to
  std::vector<Piece> pieces;
};

namespace {

class TemplateParser {
 public:
  TemplateParser(std::string_view text, const Where& where, const PlanOptions& options,
                 Program& program, Diagnostics& diagnostics)
      : text_(text),
        where_(where),
        options_(options),
        program_(program),
        diagnostics_(diagnostics),
        fields_(*program.layout, options, program, diagnostics) {}

  std::vector<Piece> run() {
    Piece piece;
    for (std::size_t at = 0; at < text_.size();) {
      const bool doubled = at + 1 < text_.size() && text_[at + 1] == text_[at];
      if (text_[at] != '{') {
        piece.text += text_[at];
        at += text_[at] == '}' && doubled ? std::size_t{2} : std::size_t{1};
      } else if (doubled) {
        piece.text += '{';
        at += 2;
      } else {
        const std::size_t end = text_.find('}', at);
        if (end == std::string_view::npos) {
          report(at, "a brace is not closed");
          break;
        }
        add_reference(text_.substr(at + 1, end - at - 1), at + 1, piece);
        pieces_.push_back(std::move(piece));
        piece = Piece();
        at = end + 1;
      }
    }
    pieces_.push_back(std::move(piece));
    return std::move(pieces_);
  }

 private:
  void report(std::size_t position, const std::string& message) {
    Where place = where_;
    if (place.column != 0) place.column += static_cast<std::uint32_t>(position);
    diagnostics_.error(place, "template: " + message);
  }

  void add_reference(std::string_view reference, std::size_t position, Piece& piece) {
    if (!reference.starts_with('@')) return add_field(reference, position, piece);
    piece.attribute = reference.substr(1);
    if (piece.attribute.empty()) report(position, "the name of a source's attribute is missing");
  }

  void add_field(std::string_view reference, std::size_t position, Piece& piece) {
    const std::size_t open = reference.find('(');
    std::string name(reference.substr(0, open));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    std::size_t candidates = 0;
    const ItemIndex item = copybook::find_item(*program_.layout, name, &candidates);
    if (item == copybook::kNoItem)
      return report(position, candidates > 1 ? name + " is the name of several items"
                                             : "there is no item '" + name + "'");
    if (is_object(program_.layout->items[item], options_))
      return report(position, name + " is a group; name its items");
    std::vector<std::uint32_t> subscripts;
    if (open != std::string_view::npos && !read_subscripts(reference.substr(open), subscripts))
      return report(position, "the subscript of " + name + " is not a whole number");
    if (!check_subscripts(item, subscripts)) {
      return report(position,
                    name + " needs " +
                        std::to_string(condition::tables_around(*program_.layout, item).size()) +
                        " subscripts within its OCCURS");
    }
    FieldRule rule = rule_of(item);
    piece.has_field = true;
    piece.op = fields_.compile(item, &rule, piece.worst_case);
    piece.locator =
        condition::Locator(program_.layout, item, std::move(subscripts), fields_.reading(nullptr));
  }

  // Of the item's own rule, what shows in a key: mask and code page, and always all digits.
  [[nodiscard]] FieldRule rule_of(ItemIndex item) const {
    FieldRule rule;
    rule.item = item;
    rule.as_text = true;
    rule.where = where_;
    for (const FieldRule& own : options_.rules) {
      if (own.item != item) continue;
      rule.mask = own.mask;
      rule.code_page = own.code_page;
    }
    return rule;
  }

  static bool read_subscripts(std::string_view text, std::vector<std::uint32_t>& subscripts) {
    if (text.size() < 3 || text.back() != ')') return false;
    std::uint64_t number = 0;
    bool has_digit = false;
    for (const char character : text.substr(1)) {
      if (character >= '0' && character <= '9') {
        number = std::min<std::uint64_t>(10 * number + static_cast<unsigned>(character - '0'),
                                         0xFFFFFFFF);
        has_digit = true;
      } else if ((character == ',' || character == ')' || character == ' ') && has_digit) {
        subscripts.push_back(static_cast<std::uint32_t>(number));
        number = 0;
        has_digit = false;
      } else if (character != ' ') {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool check_subscripts(ItemIndex item,
                                      const std::vector<std::uint32_t>& subscripts) const {
    const std::vector<ItemIndex> tables = condition::tables_around(*program_.layout, item);
    if (tables.size() != subscripts.size()) return false;
    for (std::size_t i = 0; i < tables.size(); ++i)
      if (subscripts[i] == 0 || subscripts[i] > program_.layout->items[tables[i]].occurs_max)
        return false;
    return true;
  }

  std::string_view text_;
  const Where& where_;
  const PlanOptions& options_;
  Program& program_;
  Diagnostics& diagnostics_;
  FieldCompiler fields_;
  std::vector<Piece> pieces_;
};

// Appends one field's text. False where the field is bad data.
bool render_field(const Piece& piece, ByteView record, TextBuffer& out) {
  std::uint64_t offset = 0;
  if (!piece.locator.find(record, {}, offset)) return false;
  Frame frame;
  char* begin = out.reserve(piece.worst_case);
  char* end = piece.op.kernel(piece.op, record.data() + offset, begin, frame);
  if (end == nullptr) return false;
  // The kernel printed a JSON string: between its quotes is the text.
  std::copy(begin + 1, end - 1, begin);
  out.set_end(undo_escapes(begin, end - 2));
  return true;
}

}  // namespace

TextTemplate::TextTemplate(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
TextTemplate::~TextTemplate() = default;

std::unique_ptr<const TextTemplate> TextTemplate::compile(
    std::string_view text, const Where& where, std::shared_ptr<const copybook::Layout> layout,
    const PlanOptions& options, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  auto impl = std::make_unique<Impl>();
  impl->program.layout = std::move(layout);
  PlanOptions own = options;
  own.trim = Trim::right;
  own.on_bad_field = OnBadField::reject;
  own.empty_text = {};
  own.edited = Edited::text;
  impl->pieces = TemplateParser(text, where, own, impl->program, diagnostics).run();
  if (diagnostics.error_count() != errors) return nullptr;
  return std::unique_ptr<const TextTemplate>(new TextTemplate(std::move(impl)));
}

bool TextTemplate::render(ByteView record, const SourceAttributes& source, TextBuffer& out) const {
  const std::size_t start = out.size();
  for (const Piece& piece : impl_->pieces) {
    out.append(piece.text);
    if (!piece.attribute.empty()) out.append(source.find(piece.attribute));
    if (!piece.has_field || render_field(piece, record, out)) continue;
    out.rewind(start);
    return false;
  }
  return true;
}

}  // namespace copybridge::plan
