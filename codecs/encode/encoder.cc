// One record after the other: image, members, moves.
#include <algorithm>
#include <cstring>

#include "codecs/encode/explain.h"
#include "codecs/encode/settle.h"
#include "codecs/encode/straight.h"

namespace copybridge::encode {

namespace {

enum class LineFate : std::uint8_t { record, empty, refused, incomplete };

}  // namespace

struct Encoder::State {
  explicit State(const Program& program_of) : program(program_of) {
    frame.program = &program;
    frame.seen.assign(program.member_count, 0);
    frame.counters.resize(program.counters.size());
    frame.arms.resize(program.arms.size());
    frame.scratch.resize(program.field_size_max + kReadableTail);
    frame.moved.resize(program.layer_size + kReadableTail);
    frame.was.resize(program.field_text_max + kReadableTail);
    frame.is.resize(program.field_text_max + kReadableTail);
    own_image.reserve(program.layer_size * program.layers);
    counter_bytes.resize(program.counters.size());
  }

  // Appends the record whose text begins here and returns the text's end; null where it has to be
  // read another way.
  const char* take_straight(const char* text_begin, const char* text_end, ByteBuffer& out,
                            const char* readable_begin) {
    if (program.straight == nullptr) return nullptr;
    const Straight& straight = *program.straight;
    const std::size_t start = out.size();
    Run run;
    run.program = &program;
    run.pool = straight.pool.data();
    run.begin = readable_begin;
    run.end = text_end;
    run.record = out.extend(program.layer_size);
    run.counters = counter_bytes.data();
    run.frame = &frame;
    if (!straight.is_moving && !straight.is_covering)
      std::memcpy(run.record, program.image.data(), program.layer_size);
    const char* const end = encode::run(straight.main, text_begin, run);
    const auto size = static_cast<std::int64_t>(program.layer_size) + run.displacement;
    out.resize(end == nullptr ? start : start + static_cast<std::size_t>(size));
    return end;
  }

  void begin(std::string_view json) {
    frame.image = own_image.data();
    frame.has_raw = frame.is_raw_short = false;
    frame.sets_selectors = true;
    raw_missing = 0;
    frame.tail_cut = 0;
    frame.absent_from = ~std::uint64_t{0};
    frame.present_to = 0;
    frame.text_end = json.data() + json.size() + kReadableTail;
    frame.place.displacement = 0;
    frame.place.depth = 0;
    frame.place.path_size = 0;
    frame.choices.clear();
    frame.conditions.clear();
    frame.paths.clear();
    frame.members.clear();
    frame.renames.clear();
    frame.kept.assign(program.options.kept.size(), {});
    frame.failure.fault = Fault::none;
    text = json;
    std::memcpy(frame.image, program.image.data(), program.layer_size);
  }

  bool run(std::string_view json, ByteBuffer& out) {
    const char* const end = json.data() + json.size();
    const std::size_t start = out.size();
    const char* const taken = take_straight(json.data(), end, out, json.data());
    if (taken == end) return true;
    out.resize(start);
    return run_anyhow(json, out);
  }

  // Takes the line that begins at `at`, which moves behind it.
  LineFate take_line(const char*& at, const char* end, bool is_end, ByteBuffer& out,
                     const char* begin_of_all) {
    const std::size_t start = out.size();
    if (const char* const taken = take_straight(at, end, out, begin_of_all); taken != nullptr) {
      const char* const behind = behind_line(taken, end, is_end);
      if (behind != nullptr) {
        at = behind;
        return LineFate::record;
      }
      out.resize(start);
    }
    const auto* line_end =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (line_end == nullptr && !is_end) return LineFate::incomplete;
    std::string_view line(at,
                          static_cast<std::size_t>((line_end == nullptr ? end : line_end) - at));
    at = line_end == nullptr ? end : line_end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") == line.npos) return LineFate::empty;
    return run_anyhow(line, out) ? LineFate::record : LineFate::refused;
  }

  // One behind the line end that follows a record's text; null where something else follows.
  static const char* behind_line(const char* at, const char* end, bool is_end) {
    if (at == end) return is_end ? end : nullptr;
    if (*at == '\r' && at + 1 < end) ++at;
    return *at == '\n' ? at + 1 : nullptr;
  }

  bool run_anyhow(std::string_view json, ByteBuffer& out) {
    begin(json);
    if (program.keep_raw && !take_raw(json)) return false;
    return reader.read_record(json, frame) && finish(out);
  }

  // The record that encoding starts from, at its fixed addresses.
  bool take_raw(std::string_view json) {
    if (!reader.read_raw(json, raw, frame)) return false;
    if (!frame.has_raw) return true;
    const std::uint8_t* begin = raw.data();
    const std::uint8_t* const end = raw.data() + raw.size();
    if (program.moves.empty()) {
      const auto size = std::min<std::size_t>(raw.size(), program.layer_size);
      std::memcpy(frame.image, begin, size);
      begin += size;
    } else if (!scatter(program.moves, begin, end, frame)) {
      return refuse_raw();
    }
    raw_taken = static_cast<std::size_t>(begin - raw.data());
    const std::size_t whole = record_size(frame.absent_from);
    raw_missing = whole - std::min(whole, raw.size());
    frame.is_raw_short = raw_missing > 0;
    // Kernels read beyond a field's end.
    frame.raw_image.resize(program.layer_size + kReadableTail);
    std::memcpy(frame.raw_image.data(), frame.image, program.layer_size);
    if (raw.size() < program.size_min && !program.accept_short) return refuse_raw();
    return true;
  }

  // Bytes of the record's items in front of an address of the image.
  std::size_t record_size(std::uint64_t address) {
    if (program.moves.empty()) return std::min<std::uint64_t>(program.layer_size, address);
    frame.place.displacement = 0;
    frame.place.depth = 0;
    std::size_t size = 0;
    for (const Move& move : program.moves) {
      if (move.address >= address) break;
      const bool is_run = move.table == nullptr;
      size += is_run ? std::min(move.size, address - move.address)
                     : static_cast<std::size_t>(gather(move, frame.moved.data(), frame) -
                                                frame.moved.data());
    }
    return size;
  }

  bool refuse_raw() {
    frame.place.path_size = 0;
    return refuse(frame, Fault::raw_record, nullptr);
  }

  // The record from the image, as far as it is known, behind `start`.
  void put_record(std::size_t start, ByteBuffer& out) {
    out.resize(start);
    std::uint8_t* const begin = out.extend(program.layer_size);
    std::size_t size = program.layer_size;
    if (program.moves.empty()) {
      std::memcpy(begin, frame.image, size);
    } else {
      frame.place.displacement = 0;
      frame.place.depth = 0;
      size = static_cast<std::size_t>(gather(program.moves, begin, frame) - begin);
    }
    size -= std::min<std::size_t>(size, frame.tail_cut);
    out.resize(start + size);
  }

  bool finish(ByteBuffer& out) {
    const std::size_t start = out.size();
    put_record(start, out);
    if (!finish_members(start, out) || !check_conditions(frame) || !check_renames(frame) ||
        !check_choices(out.view(start, out.size() - start), frame) || !cut(start, out)) {
      out.resize(start);
      return false;
    }
    return true;
  }

  // Members whose name several alternatives have: the one whose condition then holds is meant.
  bool finish_members(std::size_t start, ByteBuffer& out) {
    for (std::size_t i = 0; i < frame.members.size(); ++i)
      if (!finish_member(frame.members[i], start, out)) return false;
    return true;
  }

  bool finish_member(const PendingMember& pending, std::size_t start, ByteBuffer& out) {
    const PendingMember wanted = pending;
    // What other alternatives have set says more than what this one would.
    frame.sets_selectors = false;
    const bool is_chosen = choose_member(wanted, start, out);
    frame.sets_selectors = true;
    return is_chosen || choose_member(wanted, start, out);
  }

  bool choose_member(const PendingMember& wanted, std::size_t start, ByteBuffer& out) {
    frame.failure.fault = Fault::none;
    const std::size_t choices = frame.choices.size();
    const std::size_t conditions = frame.conditions.size();
    const std::size_t members = frame.members.size();
    const std::uint32_t choice = program.arms[wanted.member->arm].choice;
    std::uint32_t chosen = kNone;
    for (const Member* member = wanted.member;;) {
      frame.place = wanted.place;
      frame.choices.resize(choices);
      frame.conditions.resize(conditions);
      frame.members.resize(members);
      clear_choice(choice);
      if (reader.read_put_off(wanted.text, *member, frame)) {
        frame.place = wanted.place;
        if (settle_choice(choice, frame)) {
          put_record(start, out);
          chosen = chosen_arm(choice, out.view(start, out.size() - start), wanted.place, frame);
          if (chosen == member->arm) return true;
        }
      }
      if (member->next_same == kNone) break;
      member = &wanted.object->members[member->next_same];
    }
    if (frame.failure.fault != Fault::none) return false;
    frame.place = wanted.place;
    frame.detail = chosen == kNone ? copybook::kNoItem : program.arms[chosen].item;
    return refuse(frame, Fault::condition_of, wanted.member, wanted.text);
  }

  void clear_choice(std::uint32_t id) {
    const Choice& choice = program.choices[id];
    for (std::uint32_t i = 0; i < choice.arm_count; ++i) frame.arms[choice.first_arm + i] = {};
  }

  // Short and long records: what is behind the end of the one in _raw, or of what has a value.
  bool cut(std::size_t start, ByteBuffer& out) {
    const std::size_t size = out.size() - start;
    if (frame.has_raw) {
      if (raw.size() > raw_taken) out.append({raw.data() + raw_taken, raw.size() - raw_taken});
      if (raw_missing > 0 && frame.tail_cut == 0) {
        const std::size_t kept = size - std::min(size, raw_missing);
        const bool is_moved = !program.moves.empty();
        out.resize(start + (is_moved ? kept : std::max<std::size_t>(kept, frame.present_to)));
      }
      return true;
    }
    if (frame.absent_from == ~std::uint64_t{0}) return true;
    if (frame.present_to > frame.absent_from) {
      frame.place.path_size = 0;
      frame.detail = frame.absent_from;
      return refuse(frame, Fault::behind_end, nullptr);
    }
    out.resize(start + std::min(size, record_size(frame.absent_from)));
    return true;
  }

  const Program& program;
  Frame frame;
  JsonReader reader;
  ByteBuffer own_image;
  ByteBuffer raw;
  std::size_t raw_taken = 0;
  std::size_t raw_missing = 0;  ///< bytes that the record in _raw is short of
  std::string_view text;
  std::vector<const std::uint8_t*> counter_bytes;
};

Encoder::Encoder(const EncodePlan& plan) : state_(std::make_unique<State>(plan.program())) {}
Encoder::~Encoder() = default;

bool Encoder::encode(std::string_view json, ByteBuffer& out) { return state_->run(json, out); }

LinesDone Encoder::encode_lines(std::string_view text, bool is_end, std::size_t most,
                                ByteBuffer& out, std::vector<LineRecord>& records) {
  LinesDone done;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && out.size() < most && !done.is_refused) {
    const std::size_t start = out.size();
    const LineFate fate = state_->take_line(at, end, is_end, out, text.data());
    if (fate == LineFate::incomplete) break;
    if (fate == LineFate::record) records.push_back({done.lines, start, out.size() - start});
    done.is_refused = fate == LineFate::refused;
    ++done.lines;
  }
  done.consumed = static_cast<std::size_t>(at - text.data());
  return done;
}

std::string_view Encoder::kept(std::size_t index) const { return state_->frame.kept[index]; }

Refusal Encoder::refusal() const { return explain(state_->frame, state_->text); }

}  // namespace copybridge::encode
