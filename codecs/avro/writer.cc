// The walk over the JSON text, with simdjson's on-demand reader, beside the compiled type.
#include "codecs/avro/writer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>

#include "codecs/avro/numbers.h"
#include "codecs/avro/program.h"
#include "codecs/json/token.h"

namespace copybridge::avro {

namespace ondemand = simdjson::ondemand;
using Kind = Type::Kind;

static_assert(simdjson::SIMDJSON_PADDING <= kReadableTail);

namespace {

JsonKind json_kind_of(char first) {
  switch (first) {
    case 'n':
      return JsonKind::null;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case '"':
      return JsonKind::string;
    case '[':
      return JsonKind::array;
    case '{':
      return JsonKind::object;
    default:
      return first == '-' || (first >= '0' && first <= '9') ? JsonKind::number : JsonKind::none;
  }
}

std::string_view meaning_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "";
    case Fault::no_json:
      return "no JSON";
    case Fault::kind:
      return "another kind of value than the schema has";
    case Fault::whole:
      return "decimals, where the schema has whole numbers";
    case Fault::range:
      return "beyond the range of the schema's type";
    case Fault::decimals:
      return "more decimals than the schema has";
    case Fault::digits:
      return "more digits than the schema has";
    case Fault::string:
      return "an escape that is none";
    case Fault::missing:
      return "is missing, and the schema has no default for it";
    case Fault::unknown:
      return "is no field of the schema";
    case Fault::twice:
      return "occurs twice";
    case Fault::alternative:
      return "belongs to none of the schema's alternatives";
  }
  return "";
}

using Members = std::set<std::string_view>;

class Walk {
 public:
  Walk(TextBuffer& out, const char* end, std::string& scratch)
      : out_(out), end_(end), scratch_(scratch) {}

  bool value(const Slot& slot, ondemand::value json) {
    const std::string_view token = json.raw_json_token();
    const JsonKind kind = json_kind_of(token.front());
    if (kind == JsonKind::none) return refuse(Fault::no_json);
    const Slot::Branch branch = slot.by_kind[static_cast<std::size_t>(kind)];
    if (branch.value == nullptr) return refuse(Fault::kind);
    if (slot.is_union) append_long(branch.index, out_);
    if (kind == JsonKind::object) return record(*branch.value->record, json);
    if (kind == JsonKind::array) return array(*branch.value->items, json);
    // What is left for simdjson to skip passes for a key where a colon follows it.
    if (kind == JsonKind::string && json.get_raw_json_string().error() != simdjson::SUCCESS)
      return refuse(Fault::no_json);
    const std::string_view text = json::without_blanks(token);
    if (kind == JsonKind::number && !json::is_json_number(text)) return refuse(Fault::no_json);
    return scalar(*branch.value, text);
  }

  [[nodiscard]] Error error() const {
    return {ErrorKind::bad_record,
            fmt::format("avro: {}: {}", path_.empty() ? "the event" : path_, meaning_of(fault_)),
            {}};
  }

  bool refuse(Fault fault) {
    fault_ = fault;
    path_.clear();
    return false;
  }

 private:
  bool check(Fault fault) { return fault == Fault::none || refuse(fault); }

  /// The path is made from its end.
  bool refuse_at(std::string_view name) {
    std::string path;
    json::append_pointer_step(path, name);
    path_.insert(0, path);
    return false;
  }

  bool refuse_at(std::string_view name, Fault fault) {
    refuse(fault);
    return refuse_at(name);
  }

  bool scalar(const Value& value, std::string_view token) {
    switch (value.kind) {
      case Kind::null:
        return check(token == "null" ? Fault::none : Fault::no_json);
      case Kind::boolean:
        return boolean(token);
      case Kind::int32:
        return check(append_integer(token, std::numeric_limits<std::int32_t>::min(),
                                    std::numeric_limits<std::int32_t>::max(), out_));
      case Kind::int64:
        return check(append_integer(token, std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(), out_));
      case Kind::float32:
        return check(append_float(token, out_));
      case Kind::float64:
        return check(append_double(token, out_));
      case Kind::string:
        return string(token);
      case Kind::decimal:
        return check(append_decimal(token, value.precision, value.scale, out_));
      case Kind::big_decimal:
        return check(append_big_decimal(token, out_));
      case Kind::array:
      case Kind::record:
      case Kind::any_of:
        break;
    }
    return refuse(Fault::kind);
  }

  bool boolean(std::string_view token) {
    if (token != "true" && token != "false") return refuse(Fault::no_json);
    out_.append(token == "true" ? '\1' : '\0');
    return true;
  }

  bool string(std::string_view token) {
    if (token.size() < 2) return refuse(Fault::no_json);
    std::string_view text = token.substr(1, token.size() - 2);
    if (std::memchr(text.data(), '\\', text.size()) != nullptr) {
      const auto characters = json::unescape(token, scratch_);
      if (!characters) return refuse(Fault::string);
      text = *characters;
    }
    append_long(static_cast<std::int64_t>(text.size()), out_);
    out_.append(text);
    return true;
  }

  /// One block with all items, where there are any, and the empty one that ends an array.
  bool array(const Slot& items, ondemand::value& json) {
    ondemand::array array;
    if (json.get_array().get(array) != simdjson::SUCCESS) return refuse(Fault::no_json);
    const std::size_t begin = out_.size();
    std::int64_t count = 0;
    for (auto item : array) {
      ondemand::value element;
      // simdjson's get() wants an rvalue.
      if (std::move(item).get(element) != simdjson::SUCCESS)  // NOLINT(performance-move-const-arg)
        return refuse(Fault::no_json);
      if (!value(items, element)) return refuse_at(std::to_string(count));
      ++count;
    }
    if (count > 0) insert_long(count, begin, out_);
    append_long(0, out_);
    return true;
  }

  bool record(const Record& record, ondemand::value& json) {
    ondemand::object object;
    if (json.get_object().get(object) != simdjson::SUCCESS) return refuse(Fault::no_json);
    if (!record.alternatives.empty()) return any_order(record, object);
    const std::size_t begin = out_.size();
    switch (in_order(record, object)) {
      case Order::as_schema:
        return true;
      case Order::refused:
        return false;
      case Order::other:
        break;
    }
    out_.rewind(begin);
    return any_order(record, object);
  }

  // -- members as the schema has them

  enum class Order : std::uint8_t { as_schema, other, refused };

  Order in_order(const Record& record, ondemand::object& object) {
    auto field = record.fields.begin();
    for (auto item : object) {
      ondemand::field member;
      if (std::move(item).get(member) != simdjson::SUCCESS) return refused(Fault::no_json);
      const char* const key = member.key().raw();
      for (; field != record.fields.end() && !is_key(field->key, key); ++field)
        if (!absent(*field)) return Order::other;
      if (field == record.fields.end()) return Order::other;
      if (!value(*field->slot, member.value())) {
        refuse_at(field->member);
        return Order::refused;
      }
      ++field;
    }
    for (; field != record.fields.end(); ++field)
      if (!absent(*field)) return Order::other;
    return Order::as_schema;
  }

  Order refused(Fault fault) {
    refuse(fault);
    return Order::refused;
  }

  [[nodiscard]] bool is_key(const std::string& name, const char* key) const {
    return static_cast<std::size_t>(end_ - key) > name.size() &&
           std::memcmp(key, name.data(), name.size()) == 0;
  }

  /// Null, an optional field's first branch and its default; false where it has none.
  bool absent(const RecordField& field) {
    if (field.is_optional) append_long(0, out_);
    return field.is_optional;
  }

  // -- members in another order, or with the names of several alternatives

  bool any_order(const Record& record, ondemand::object& object) {
    Members members;
    if (!take_names(record, object, members)) return false;
    std::vector<bool> is_left_out(record.fields.size());
    if (!choose(record, object, members, is_left_out)) return false;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const RecordField& field = record.fields[i];
      if (is_left_out[i] || !members.contains(field.name())) {
        if (!absent(field)) return refuse_at(field.member, Fault::missing);
        continue;
      }
      if (!found(field, object)) return refuse_at(field.member);
    }
    return to_end(object);
  }

  bool take_names(const Record& record, ondemand::object& object, Members& members) {
    if (object.reset().error() != simdjson::SUCCESS) return refuse(Fault::no_json);
    for (auto item : object) {
      ondemand::field member;
      if (std::move(item).get(member) != simdjson::SUCCESS) return refuse(Fault::no_json);
      const std::string_view name = name_of(member.key().raw());
      const auto known = record.by_name.find(name);
      if (known == record.by_name.end()) return refuse_at(name, Fault::unknown);
      if (!members.insert(known->first).second) return refuse_at(name, Fault::twice);
    }
    return true;
  }

  [[nodiscard]] std::string_view name_of(const char* key) const {
    const char* end = key;
    while (end != end_ && *end != '"') end += *end == '\\' && end + 1 != end_ ? 2 : 1;
    return {key, static_cast<std::size_t>(end - key)};
  }

  bool found(const RecordField& field, ondemand::object& object) {
    ondemand::value json;
    if (object.find_field_unordered(field.name()).get(json) != simdjson::SUCCESS)
      return refuse(Fault::no_json);
    return value(*field.slot, json);
  }

  /// For whoever goes on behind the object.
  bool to_end(ondemand::object& object) {
    if (object.reset().error() != simdjson::SUCCESS) return refuse(Fault::no_json);
    for (auto item : object)
      if (item.error() != simdjson::SUCCESS) return refuse(Fault::no_json);
    return true;
  }

  /// Of alternatives that share names the largest one whose members are all there, and are of its
  /// types, has them; the others have no value.
  bool choose(const Record& record, ondemand::object& object, const Members& members,
              std::vector<bool>& is_left_out) {
    Members shared;
    for (const auto& fields : record.alternatives) {
      fault_ = Fault::none;
      const bool is_chosen = fits(record, fields, object, members, shared);
      // simdjson is not to be asked again after an error of its own.
      if (!is_chosen && fault_ == Fault::no_json) return false;
      for (const std::size_t i : fields) {
        const RecordField& field = record.fields[i];
        is_left_out[i] = !is_chosen;
        if (is_chosen && field.is_shared) shared.insert(field.name());
      }
    }
    for (const std::string_view name : members) {
      const RecordField& field = record.fields[record.by_name.at(name)];
      if (field.is_shared && !shared.contains(name) && is_left_out[record.by_name.at(name)])
        return refuse_at(field.member, Fault::alternative);
    }
    return true;
  }

  bool fits(const Record& record, const std::vector<std::size_t>& fields, ondemand::object& object,
            const Members& members, const Members& taken) {
    const std::size_t begin = out_.size();
    const bool does = std::ranges::all_of(fields, [&](std::size_t i) {
      const RecordField& field = record.fields[i];
      if (!members.contains(field.name())) return field.is_flag;
      return !field.is_shared || (!taken.contains(field.name()) && found(field, object));
    });
    out_.rewind(begin);
    return does;
  }

  TextBuffer& out_;
  const char* const end_;
  std::string& scratch_;
  Fault fault_ = Fault::none;
  std::string path_;
};

}  // namespace

struct Writer::State {
  explicit State(const Type& type) : program(compile(type)) {}
  Program program;
  ondemand::parser parser;
  std::string scratch;
};

Writer::Writer(const Type& type) : state_(std::make_unique<State>(type)) {}
Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

Result<void> Writer::append(std::string_view json, TextBuffer& out) {
  const std::size_t begin = out.size();
  Walk walk(out, json.data() + json.size(), state_->scratch);
  ondemand::document document;
  ondemand::value value;
  auto error =
      state_->parser.iterate(json.data(), json.size(), json.size() + kReadableTail).get(document);
  if (error == simdjson::SUCCESS) error = document.get_value().get(value);
  bool is_written = error == simdjson::SUCCESS ? walk.value(*state_->program.root, value)
                                               : walk.refuse(Fault::no_json);
  if (is_written && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    is_written = walk.refuse(Fault::no_json);
  if (is_written) return {};
  out.rewind(begin);
  return tl::unexpected(walk.error());
}

}  // namespace copybridge::avro
