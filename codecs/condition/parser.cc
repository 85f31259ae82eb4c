// Condition text to tests: names looked up, literals brought to the form of what they are
// compared with, AND, OR and NOT turned into jumps.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "codecs/condition/names.h"
#include "codecs/condition/program.h"
#include "codecs/condition/tokens.h"

namespace copybridge::condition {

using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Literal;

namespace {

constexpr std::size_t kTestsMax = 1000;
constexpr int kNestingMax = 100;
constexpr std::uint8_t kUnequal = kLess | kGreater;
constexpr std::array<std::string_view, 6> kRelationWords = {"EQUAL", "EQUALS",  "GREATER",
                                                            "LESS",  "EXCEEDS", "UNEQUAL"};

struct Node {
  enum class Kind { test, negation, conjunction, disjunction };
  Kind kind = Kind::test;
  std::size_t left = 0;  // of a test: its index
  std::size_t right = 0;
};

// One side of a relation.
struct Side {
  bool is_item = false;
  Operand operand;
  Literal literal;
  std::size_t position = 0;
};

std::uint8_t mirrored(std::uint8_t accepts) {
  return static_cast<std::uint8_t>((accepts & kEqual) | ((accepts & kLess) != 0 ? kGreater : 0) |
                                   ((accepts & kGreater) != 0 ? kLess : 0));
}

std::uint8_t inverted(std::uint8_t accepts) { return accepts ^ (kLess | kEqual | kGreater); }

class Parser {
 public:
  Parser(std::string_view text, const Where& where, const Reading& reading, ItemIndex scope,
         Condition::Program& program, Diagnostics& diagnostics)
      : text_(text),
        where_(where),
        reading_(reading),
        program_(program),
        layout_(*program.layout),
        diagnostics_(diagnostics),
        tokens_(tokenize(text, where, diagnostics)),
        names_(program.layout, reading, scope) {}

  bool run() {
    if (peek().kind == Token::Kind::end) return fail("the condition is empty");
    std::size_t root = 0;
    if (!disjunction(root)) return false;
    if (peek().kind != Token::Kind::end)
      return fail("'" + peek().shown + "' does not continue the condition");
    program_.first = generate(root, kYes, kNo);
    return true;
  }

 private:
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::word && peek(ahead).text == word;
  }
  [[nodiscard]] bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::symbol && peek(ahead).text == symbol;
  }
  bool take_word(std::string_view word) {
    const bool found = is_word(word);
    at_ += found ? 1 : 0;
    return found;
  }
  bool take_symbol(std::string_view symbol) {
    const bool found = is_symbol(symbol);
    at_ += found ? 1 : 0;
    return found;
  }
  bool fail_at(std::size_t position, const std::string& message) {
    diagnostics_.error(place_of(text_, where_, position), "condition: " + message);
    return false;
  }
  bool fail(const std::string& message) { return fail_at(peek().position, message); }

  std::size_t add(Node::Kind kind, std::size_t left, std::size_t right) {
    nodes_.push_back({kind, left, right});
    return nodes_.size() - 1;
  }

  bool disjunction(std::size_t& node) {
    if (++nesting_ > kNestingMax) return fail("the condition nests too deep");
    if (!conjunction(node)) return false;
    while (take_word("OR")) {
      std::size_t right = 0;
      if (!conjunction(right)) return false;
      node = add(Node::Kind::disjunction, node, right);
    }
    --nesting_;
    return true;
  }

  bool conjunction(std::size_t& node) {
    if (!negation(node)) return false;
    while (take_word("AND")) {
      std::size_t right = 0;
      if (!negation(right)) return false;
      node = add(Node::Kind::conjunction, node, right);
    }
    return true;
  }

  bool negation(std::size_t& node) {
    // NOT in front of a relation belongs to it: `A = 1 OR NOT > 5`.
    const bool begins_relation = is_word("NOT") && is_relation(1);
    if (!begins_relation && take_word("NOT")) {
      if (!simple(node)) return false;
      node = add(Node::Kind::negation, node, 0);
      return true;
    }
    return simple(node);
  }

  bool simple(std::size_t& node) {
    if (take_symbol("(")) {
      if (!disjunction(node)) return false;
      if (!take_symbol(")")) return fail("a closing parenthesis is missing");
      return true;
    }
    if (program_.tests.size() >= kTestsMax) return fail("the condition has too many parts");
    if (is_relation(0) || (is_word("NOT") && is_relation(1))) return abbreviated(node);
    bool is_name = false;
    if (!condition_name(node, is_name)) return false;
    return is_name || relation(node);
  }

  // `> 5` behind `A > 1 AND`: the subject is the one before.
  bool abbreviated(std::size_t& node) {
    if (!subject_) return fail("a relation needs an item in front of it");
    Side object;
    if (!relational_operator(accepts_) || !side(object)) return false;
    return add_relation(*subject_, accepts_, object, node);
  }

  bool relation(std::size_t& node) {
    Side left;
    if (!side(left)) return false;
    const std::size_t behind = at_;
    static_cast<void>(take_word("IS") || take_word("ARE"));
    const bool negated = take_word("NOT");
    if (class_or_sign(left, negated, node)) return true;
    at_ = behind;
    if (!continues_relation()) {
      // `A = 1 OR 2`: subject and relation are those before.
      if (!subject_) return fail_at(left.position, "a relation is missing behind " + shown(left));
      return add_relation(*subject_, accepts_, left, node);
    }
    std::uint8_t accepts = 0;
    Side right;
    if (!relational_operator(accepts) || !side(right)) return false;
    subject_ = left;
    accepts_ = accepts;
    return add_relation(left, accepts, right, node);
  }

  [[nodiscard]] bool continues_relation() const {
    std::size_t ahead = is_word("IS") || is_word("ARE") ? 1 : 0;
    if (ahead == 1) return true;
    if (is_word("NOT")) ++ahead;
    return is_relation(ahead);
  }

  [[nodiscard]] bool is_relation(std::size_t ahead) const {
    if (is_word("IS", ahead) || is_word("ARE", ahead)) ++ahead;
    if (is_word("NOT", ahead)) ++ahead;
    const Token& token = peek(ahead);
    if (token.kind == Token::Kind::symbol) return token.text.find_first_of("=<>") == 0;
    if (token.kind != Token::Kind::word) return false;
    return std::find(kRelationWords.begin(), kRelationWords.end(), token.text) !=
           kRelationWords.end();
  }

  bool relational_operator(std::uint8_t& accepts) {
    static_cast<void>(take_word("IS") || take_word("ARE"));
    const bool negated = take_word("NOT");
    if (!relational_words(accepts)) return fail("a relation such as = or > is expected here");
    if (negated) accepts = inverted(accepts);
    return true;
  }

  bool relational_words(std::uint8_t& accepts) {
    if (take_symbol("=") || take_word("EQUAL") || take_word("EQUALS")) {
      accepts = kEqual;
    } else if (take_symbol("<>") || take_word("UNEQUAL")) {
      accepts = kUnequal;
    } else if (take_symbol(">=")) {
      accepts = kGreater | kEqual;
    } else if (take_symbol("<=")) {
      accepts = kLess | kEqual;
    } else if (take_symbol(">") || take_word("GREATER") || take_word("EXCEEDS")) {
      accepts = kGreater;
    } else if (take_symbol("<") || take_word("LESS")) {
      accepts = kLess;
    } else {
      return false;
    }
    static_cast<void>(take_word("TO") || take_word("THAN"));
    if (is_word("OR") && (is_word("EQUAL", 1) || is_symbol("=", 1))) {
      at_ += 2;
      accepts |= kEqual;
      static_cast<void>(take_word("TO"));
    }
    return true;
  }

  bool class_or_sign(const Side& left, bool negated, std::size_t& node) {
    if (peek().kind != Token::Kind::word) return false;
    static const std::map<std::string_view, Test::Kind> classes = {
        {"NUMERIC", Test::Kind::numeric},
        {"ALPHABETIC", Test::Kind::alphabetic},
        {"ALPHABETIC-LOWER", Test::Kind::alphabetic_lower},
        {"ALPHABETIC-UPPER", Test::Kind::alphabetic_upper}};
    static const std::map<std::string_view, std::uint8_t> signs = {{"POSITIVE", kGreater},
                                                                   {"NEGATIVE", kLess},
                                                                   {"ZERO", kEqual},
                                                                   {"ZEROS", kEqual},
                                                                   {"ZEROES", kEqual}};
    Test test;
    test.left = left.operand;
    const auto class_word = classes.find(peek().text);
    const auto sign_word = signs.find(peek().text);
    if (!left.is_item || (class_word == classes.end() && sign_word == signs.end())) return false;
    if (class_word != classes.end()) {
      test.kind = class_word->second;
      if (test.kind != Test::Kind::numeric && left.operand.field.is_numeric())
        report("an alphabetic test needs a text item");
    } else {
      test.accepts = sign_word->second;
      if (!make_literal_test(test, {Literal::Kind::zeros, ""}, peek().position)) return true;
      if (!left.operand.field.is_numeric() && test.accepts != kEqual)
        report("a sign test needs a numeric item");
    }
    ++at_;
    node = add_test(std::move(test));
    if (negated) node = add(Node::Kind::negation, node, 0);
    return true;
  }

  void report(const std::string& message) { static_cast<void>(fail(message)); }

  std::size_t add_test(Test test) {
    program_.tests.push_back(std::move(test));
    return add(Node::Kind::test, program_.tests.size() - 1, 0);
  }

  bool make_literal_test(Test& test, const Literal& literal, std::size_t position) {
    std::string reason;
    test.kind = Test::Kind::value;
    if (make_comparand(literal, test.left.field, *test.left.field.page, test.comparand, reason))
      return true;
    return fail_at(position, "the literal cannot be compared with " +
                                 copybook::path_of(layout_, test.left.locator.item()) + ": " +
                                 reason);
  }

  bool add_relation(const Side& left, std::uint8_t accepts, const Side& right, std::size_t& node) {
    Test test;
    test.accepts = accepts;
    if (left.is_item && right.is_item) {
      test.kind = Test::Kind::fields;
      test.left = left.operand;
      test.right = right.operand;
      if (!are_comparable(left.operand.field, right.operand.field))
        return fail_at(right.position, "text of different encodings cannot be compared");
    } else if (left.is_item) {
      test.left = left.operand;
      if (!make_literal_test(test, right.literal, right.position)) return false;
    } else if (right.is_item) {
      test.left = right.operand;
      test.accepts = mirrored(accepts);
      if (!make_literal_test(test, left.literal, left.position)) return false;
    } else {
      return fail_at(left.position, "two literals are compared");
    }
    node = add_test(std::move(test));
    return true;
  }

  static bool are_comparable(const Field& left, const Field& right) {
    if (left.is_numeric() && right.is_numeric()) return true;
    const auto encoding = [](const Field& field) {
      const bool is_own = field.usage == copybook::Usage::national ||
                          field.usage == copybook::Usage::utf8 ||
                          field.usage == copybook::Usage::dbcs;
      return is_own ? field.usage : copybook::Usage::display;
    };
    const bool is_in_pages =
        encoding(left) != copybook::Usage::national && encoding(left) != copybook::Usage::utf8;
    const bool is_same_page = !is_in_pages || left.page->name() == right.page->name();
    return encoding(left) == encoding(right) && is_same_page &&
           left.category != copybook::Category::floating &&
           right.category != copybook::Category::floating;
  }

  static std::string shown(const Side& side) { return side.is_item ? "the item" : "the literal"; }

  bool side(Side& side) {
    side.position = peek().position;
    const Token token = peek();
    switch (token.kind) {
      case Token::Kind::number:
        side.literal = {Literal::Kind::number, token.text};
        break;
      case Token::Kind::text:
        side.literal = {Literal::Kind::text, token.text};
        break;
      case Token::Kind::hex:
        side.literal = {Literal::Kind::hex, token.text};
        break;
      case Token::Kind::word:
        return word_side(side);
      case Token::Kind::symbol:
      case Token::Kind::end:
        return fail("an item or a literal is expected here");
    }
    ++at_;
    return true;
  }

  bool word_side(Side& side) {
    if (take_word("ALL")) {
      if (const auto kind = figurative(peek().text)) {
        side.literal = {*kind, ""};
      } else if (peek().kind == Token::Kind::text) {
        side.literal = {Literal::Kind::all_of, peek().text};
      } else {
        return fail("ALL needs a literal");
      }
      ++at_;
      return true;
    }
    const auto kind = figurative(peek().text);
    if (kind) {
      side.literal = {*kind, ""};
      ++at_;
      return true;
    }
    side.is_item = true;
    return item_side(side.operand);
  }

  // NAME [OF GROUP]… as one text; the token behind it is next.
  std::string qualified_name() {
    std::string name = peek().text;
    ++at_;
    while ((is_word("OF") || is_word("IN")) && peek(1).kind == Token::Kind::word) {
      name += " OF " + peek(1).text;
      at_ += 2;
    }
    return name;
  }

  bool item_side(Operand& operand) {
    const std::size_t position = peek().position;
    const std::string name = qualified_name();
    std::size_t candidates = 0;
    const ItemIndex item = copybook::find_item(layout_, name, &candidates);
    if (item == kNoItem && candidates > 1)
      return fail_at(position, name + " is the name of several items; qualify it with OF");
    if (item == kNoItem) return fail_at(position, "there is no item " + name);
    return make_operand(item, position, operand);
  }

  bool make_operand(ItemIndex item, std::size_t position, Operand& operand) {
    std::vector<std::uint32_t> subscripts;
    if (!read_subscripts(subscripts)) return false;
    const std::string mistake = names_.make_operand(item, std::move(subscripts), operand);
    return mistake.empty() || fail_at(position, mistake);
  }

  bool read_subscripts(std::vector<std::uint32_t>& subscripts) {
    if (!is_symbol("(") || peek(1).kind != Token::Kind::number) return true;
    ++at_;
    while (!take_symbol(")")) {
      const Token& token = peek();
      if (token.kind != Token::Kind::number || token.text.size() > 9 ||
          token.text.find_first_not_of("0123456789") != std::string::npos)
        return fail("a subscript is a whole number");
      subscripts.push_back(static_cast<std::uint32_t>(std::stoul(token.text)));
      ++at_;
      static_cast<void>(take_symbol(","));
    }
    return true;
  }

  // A level-88 name, perhaps qualified and subscripted.
  bool condition_name(std::size_t& node, bool& is_name) {
    if (peek().kind != Token::Kind::word) return true;
    const std::size_t begin = at_;
    const std::size_t position = peek().position;
    const std::string name = qualified_name();
    ItemIndex item = kNoItem;
    const copybook::ConditionName* found = nullptr;
    const std::size_t candidates = names_.find_condition(name, item, found);
    if (candidates == 0 || is_relation(0)) {
      at_ = begin;
      return true;
    }
    if (candidates > 1)
      return fail_at(position, name + " is the name of several conditions; qualify it with OF");
    is_name = true;
    Test test;
    test.kind = Test::Kind::names;
    if (!make_operand(item, position, test.left)) return false;
    const std::size_t errors = diagnostics_.error_count();
    test.values = ValueTest::compile(layout_.items[item], *found, reading_.of(item), diagnostics_);
    node = add_test(std::move(test));
    return diagnostics_.error_count() == errors;
  }

  // Jumps: the right side of AND is reached where the left one holds, of OR where it does not.
  std::int32_t generate(std::size_t index, std::int32_t if_yes, std::int32_t if_no) {
    const Node node = nodes_[index];
    switch (node.kind) {
      case Node::Kind::test: {
        Test& test = program_.tests[node.left];
        test.if_yes = if_yes;
        test.if_no = if_no;
        return static_cast<std::int32_t>(node.left);
      }
      case Node::Kind::negation:
        return generate(node.left, if_no, if_yes);
      case Node::Kind::conjunction:
        return generate(node.left, generate(node.right, if_yes, if_no), if_no);
      case Node::Kind::disjunction:
        return generate(node.left, if_yes, generate(node.right, if_yes, if_no));
    }
    return if_no;
  }

  std::string_view text_;
  const Where& where_;
  const Reading& reading_;
  Condition::Program& program_;
  const copybook::Layout& layout_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::vector<Node> nodes_;
  NameResolver names_;
  std::optional<Side> subject_;
  std::uint8_t accepts_ = kEqual;
  int nesting_ = 0;
};

}  // namespace

bool compile_program(std::string_view text, const Where& where, const Reading& reading,
                     ItemIndex scope, Condition::Program& program, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Parser parser(text, where, reading, scope, program, diagnostics);
  if (diagnostics.error_count() != errors) return false;
  return parser.run() && diagnostics.error_count() == errors;
}

}  // namespace copybridge::condition
