// What a compiled encode plan consists of. Every field has a fixed address: its offset with all
// tables at their largest. DEPENDING ON tables are moved together when all members are known, so
// that members may come in any order.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codecs/condition/condition.h"
#include "codecs/condition/edited.h"
#include "codecs/condition/field.h"
#include "codecs/condition/fixed_values.h"
#include "codecs/condition/value_test.h"
#include "codecs/encode/encode.h"
#include "codecs/encode/text_encoder.h"
#include "codecs/json/token.h"
#include "codecs/plan/date.h"
#include "codecs/plan/program.h"

namespace copybridge::encode {

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// What is wrong with one value.
enum class Fault : std::uint8_t {
  none,
  no_json,     ///< the text is not JSON; `detail` of the failure is simdjson's code
  not_object,  ///< another value where an object belongs
  not_array,
  wants_string,
  wants_number,  ///< neither a number nor a string that holds one
  wants_boolean,
  no_value,  ///< null, where no value of the item means null
  bad_escape,
  too_long,   ///< text of more characters than the item has
  character,  ///< a character that the item's code page lacks; `detail`: the code point
  wants_hex,
  decimals,      ///< digits behind the picture's last decimal
  whole_digits,  ///< more digits than the picture
  storage,       ///< beyond what the bytes hold
  minus,         ///< a minus sign for an unsigned item
  float_range,
  date,
  masked,
  edited,  ///< text that is no value of an edited picture
  unknown_member,
  twice,
  missing,
  few_elements,  ///< `detail`: how many there are
  many_elements,
  count,     ///< a counter that its table does not have; `detail`: the counter
  counter,   ///< the array has not as many elements as the counter says; `detail`: elements
  all_null,  ///< no alternative has a value
  two_alternatives,
  other_alternative,  ///< decoding the result does not give this alternative back
  null_alternative,   ///< is null, but the result has a value of it
  condition_of,       ///< the record's own fields choose another alternative
  condition_name,     ///< the level-88 name is given as true or false and is the other
  raw_hex,
  raw_record,  ///< the record in _raw does not fit the copybook
  renamed,     ///< a level 66 is another than the items that it renames
  behind_end,  ///< a value behind the first item that is null, where the record ends
};

struct Field;
struct Frame;
struct Varying;

/// One value's raw text: `12.50`, `"text"` with its quotes.
using Token = std::string_view;

/// Writes one value's bytes. `out` has the field's size.
using Kernel = Fault (*)(const Field& field, Token token, std::uint8_t* out, Frame& frame);

/// An elementary item.
struct Field {
  Kernel kernel = nullptr;
  std::uint64_t address = 0;  ///< in the image, before displacement
  std::uint32_t size = 0;
  copybook::ItemIndex item = copybook::kNoItem;
  std::uint16_t digits = 0;  ///< of the picture
  std::int16_t scale = 0;
  bool is_signed = false;
  bool is_right_justified = false;
  Rounding rounding = Rounding::reject;
  bool accepts_raw = false;       ///< {"raw":"…"} stands for bytes that are no value
  bool has_null = false;          ///< `null_bytes` is what null means
  std::uint32_t counter = kNone;  ///< that it is, of DEPENDING ON tables
  std::uint32_t arm = kNone;      ///< the alternative that it lies in
  json::Uint128 most = 0;         ///< largest magnitude
  json::Uint128 least = 0;        ///< largest magnitude of a negative number
  condition::Field storage;
  const TextEncoder* text = nullptr;
  std::shared_ptr<const condition::EditedPicture> picture;  ///< of a numeric-edited item
  const plan::DatePlan* date = nullptr;
  std::optional<plan::MaskRule> mask;
  std::string null_bytes;
  const Varying* varying = nullptr;  ///< of a VARCHAR
  plan::Op decode;                   ///< the operation that reads it back
};

/// The two parts of a VARCHAR.
struct Varying {
  Field length;
  Field text;
  std::uint32_t unit = 1;  ///< bytes of the text that the length counts one for
};

struct Object;
struct Table;

/// A level-88 name as a member.
struct ConditionMember {
  condition::ValueTest test;
  std::uint64_t address = 0;
};

struct Member {
  enum class Kind : std::uint8_t { field, object, table, condition, renamed, kept, ignored };
  Kind kind = Kind::field;
  std::string name;
  std::uint32_t id = 0;             ///< among all members of the plan
  std::uint32_t kept = 0;           ///< of kind kept: its place in EncodeOptions::kept
  std::uint32_t arm = kNone;        ///< the alternative it belongs to
  std::uint32_t next_same = kNone;  ///< another alternative's member of the same name, in Object
  bool is_shared = false;           ///< several alternatives have a member of this name
  bool is_required = false;
  const Field* field = nullptr;
  const Object* object = nullptr;
  const Table* table = nullptr;
  const ConditionMember* condition = nullptr;
  copybook::ItemIndex item = copybook::kNoItem;
};

/// The members of one kind of JSON object.
struct Object {
  std::vector<Member> members;  ///< in the order they are printed
  std::unordered_map<std::string_view, std::uint32_t> by_name;
  std::uint32_t required = 0;
  std::vector<std::uint32_t> arms;  ///< alternatives that are members here
  const Object* outer = nullptr;    ///< around it, but for occurrences of tables
  std::string name;                 ///< of its member there
};

/// A step of moving a record's pieces together: bytes that stay together, or a table whose
/// occurrences or whose elements vary.
struct Move {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  const Table* table = nullptr;
};
using Moves = std::vector<Move>;

/// What belongs to one occurrence of a table, to an alternative, or to the record.
struct Block {
  std::vector<std::uint32_t> counters;
  std::vector<std::uint32_t> choices;
};

struct Table {
  std::uint64_t address = 0;
  std::uint32_t stride = 0;
  std::uint32_t count_min = 0;
  std::uint32_t count_max = 0;
  std::uint32_t counter = kNone;
  bool is_moving = false;
  bool is_clamped = false;  ///< counters beyond the range stand for its nearest end
  bool body_moves = false;
  copybook::ItemIndex item = copybook::kNoItem;
  const Field* field = nullptr;  ///< of elementary occurrences
  const Object* object = nullptr;
  Block block;
  Moves body;  ///< of one occurrence, where it varies
};

struct Counter {
  Field field;
  std::uint32_t depth = 0;  ///< tables around it
  std::uint32_t arm = kNone;
  std::uint32_t least = 0;  ///< occurrences that every table of it has
  /// What decoding accepts of it: by the tables that are there wherever it is.
  std::uint32_t count_min = 0;
  std::uint32_t count_max = ~std::uint32_t{0};
  copybook::ItemIndex table = copybook::kNoItem;  ///< the one that says so
};

struct Choice;

/// A step of comparing or trying an alternative's bytes.
struct Check {
  const Field* field = nullptr;
  const Table* table = nullptr;
  const Choice* choice = nullptr;             ///< within the alternative
  std::vector<Check> body = {};               ///< of the table
  std::vector<std::vector<Check>> arms = {};  ///< of the choice
};

/// An item that no member shows and that a condition binds: it says which alternative there is.
struct Selector {
  condition::FixedValue value;
  std::uint64_t address = 0;
  std::uint32_t depth = 0;    ///< tables around it
  std::uint32_t arm = kNone;  ///< the alternative that it lies in, but for those of the choice
  std::string bytes;
};

/// One of the items that share storage.
struct Arm {
  std::uint32_t choice = kNone;
  std::uint32_t parent = kNone;  ///< the alternative around it, in the same object
  std::uint32_t outer = kNone;   ///< the alternative around it, anywhere
  copybook::ItemIndex item = copybook::kNoItem;
  std::uint64_t address = 0;  ///< in its own layer
  std::uint64_t size = 0;
  bool has_own_layer = false;
  bool is_hidden = false;
  bool is_hoisted = false;  ///< its members stand in the object around it
  bool is_variable = false;
  bool ends_record = false;  ///< the record leaves out what its storage has more
  std::uint64_t size_min = 0;
  const plan::Alternative* alternative = nullptr;
  const Object* object = nullptr;      ///< that its members stand in
  std::vector<std::uint32_t> members;  ///< their places there
  Block block;
  Moves moves;  ///< where it varies
  std::vector<Check> checks;
  std::vector<Selector> selectors;  ///< what its condition demands
};

struct Choice {
  std::uint64_t address = 0;  ///< in the layer around it
  std::uint64_t size = 0;
  std::uint32_t first_arm = 0;
  std::uint32_t arm_count = 0;
  bool is_conditional = false;
  bool ends_record = false;  ///< nothing follows its storage
  bool may_be_cut = false;   ///< and alternatives that do not fit may be those that are cut off
  /// Where the bytes of a first alternative without a layer of its own are put while others are
  /// tried; 0: nowhere.
  std::uint64_t aside = 0;
  copybook::ItemIndex item = copybook::kNoItem;
};

struct Straight;

/// The compiled form. Deques keep what others point to at its place.
struct Program {
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::shared_ptr<const copybook::Layout> layout;
  std::vector<plan::Alternative> alternatives;
  EncodeOptions options;
  bool keep_raw = false;
  bool accept_short = false;
  bool accept_long = false;
  bool lists_errors = false;
  std::uint8_t space = 0;
  const Object* root = nullptr;
  Block block;
  Moves moves;  ///< empty: nothing moves
  std::uint64_t layer_size = 0;
  std::uint64_t layers = 1;
  std::uint64_t size_min = 0;
  std::vector<std::uint8_t> image;  ///< initial values, layer by layer
  std::uint32_t member_count = 0;
  std::uint32_t field_size_max = 0;
  std::uint64_t field_text_max = 0;  ///< characters a field's JSON takes at most
  std::deque<Field> fields;
  std::deque<Varying> varyings;
  std::deque<Object> objects;
  std::deque<Table> tables;
  std::deque<Counter> counters;
  std::deque<ConditionMember> conditions;
  std::deque<Arm> arms;
  std::deque<Choice> choices;
  std::deque<TextEncoder> text_encoders;
  std::deque<plan::DatePlan> dates;
  plan::Program decoding;                    ///< what the fields' decode operations point to
  std::unique_ptr<const plan::Plan> plan;    ///< decodes the record in _raw
  std::unique_ptr<const Straight> straight;  ///< null where text is never taken straight
  std::vector<std::string> paths;            ///< by item
  std::vector<bool> is_masked;               ///< by item
};

}  // namespace copybridge::encode
