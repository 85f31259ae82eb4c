// Compiles plans and runs them over records.
#include "codecs/plan/plan.h"

#include <algorithm>
#include <utility>

#include "codecs/plan/compiler.h"
#include "codecs/plan/program.h"

namespace copybridge::plan {

using copybook::ItemIndex;

namespace {

/// More than any record's JSON may take: beyond it a copybook is hostile or mistaken.
constexpr std::uint64_t kWorstCaseMax = std::uint64_t{1} << 31U;

std::size_t count_operations(const Program& program) {
  std::size_t count = program.main.ops.size();
  for (const Table& table : program.tables) count += table.body.ops.size();
  for (const Choice& choice : program.choices)
    for (const Arm& arm : choice.arms) count += arm.body.ops.size();
  for (const Renamed& renamed : program.renamed) count += renamed.body.ops.size();
  return count;
}

void describe_items(const PlanOptions& options, Program& program) {
  const copybook::Layout& layout = *program.layout;
  const std::size_t count = layout.items.size();
  std::vector<const FieldRule*> rules(count, nullptr);
  program.is_masked.assign(count, false);
  for (const FieldRule& rule : options.rules) {
    if (rule.item >= count) continue;
    rules[rule.item] = &rule;
    program.is_masked[rule.item] = rule.mask.has_value() || rule.drop;
  }
  for (ItemIndex item = 0; item < count; ++item) {
    const copybook::Item& entry = layout.items[item];
    if (entry.parent != copybook::kNoItem && program.is_masked[entry.parent])
      program.is_masked[item] = true;
    program.paths.push_back(copybook::path_of(layout, item));
    program.by_item.push_back(field_of(layout, item, options, rules[item]));
  }
}

// A short record filled up with spaces, in the thread's own buffer.
ByteView pad(const Program& program, ByteView record) {
  thread_local ByteBuffer padded;
  padded.clear();
  padded.append(record);
  padded.resize(program.size_max);
  std::fill(padded.data() + record.size(), padded.data() + program.size_max, program.space);
  return padded.view();
}

}  // namespace

condition::Reading reading_of(const PlanOptions& options,
                              const std::shared_ptr<const charset::CodePage>& page) {
  condition::Reading reading;
  reading.code_page = page != nullptr ? page : options.code_page;
  reading.ieee_float = options.float_format == FloatFormat::ieee;
  const ByteOrder float_order = options.float_order.value_or(options.native_order);
  reading.float_little_endian = reading.ieee_float
                                    ? float_order == ByteOrder::little
                                    : options.float_format == FloatFormat::ibm_little;
  reading.native_little_endian = options.native_order == ByteOrder::little;
  reading.binary_little_endian = options.binary_order == ByteOrder::little;
  reading.fixed_tables = options.odo == OdoStorage::fixed;
  reading.national_little_endian = options.national_order == ByteOrder::little;
  reading.rejects_unmappable = options.unmappable == charset::Unmappable::reject;
  reading.leniency = options.lenient;
  reading.preferred_signs = options.preferred_signs;
  reading.odo_range = options.odo_range;
  for (const FieldRule& rule : options.rules)
    if (rule.code_page != nullptr) reading.item_pages.emplace_back(rule.item, rule.code_page);
  return reading;
}

DialectDefaults defaults_of(copybook::Dialect dialect) {
  if (dialect == copybook::Dialect::ibm) return {"IBM-037", FloatFormat::ibm, ByteOrder::big};
  return {"ISO-8859-1", FloatFormat::ieee, ByteOrder::little};
}

namespace {

// What of a frame stays as it is from record to record.
void set_up(const Program& program, TextBuffer& out, Frame& frame) {
  frame.pool = program.pool.data();
  frame.paths = program.paths.data();
  frame.buffer = &out;
  frame.needed = program.size_min;
  frame.storage = program.size_max;
  frame.list_errors = program.list_errors;
}

void add(const Plan::Counts& more, Plan::Counts* counts) {
  if (counts == nullptr) return;
  counts->unmapped += more.unmapped;
  counts->bad_fields += more.bad_fields;
}

/// After records that are not of the commonest kind so many go one by one.
constexpr std::size_t kWaryRecords = 16;

// Records of a flat plan, up to the first that does not fit at once: what is the same for all of
// them is done once, and a plan of one row stays in its kernel from record to record.
std::size_t decode_flat(const Program& program, ByteView piece, std::span<const RecordSpan> records,
                        TextBuffer& out, Plan::Counts& counts) {
  const std::uint64_t line_max = program.main.worst_case + 1;
  const Row& row = program.main.rows.front();
  const bool has_lines = program.main.rows.size() == 1 && row.lines != nullptr;
  const Op* const ops = program.main.ops.data();
  Lines lines = {.piece = piece.data(),
                 .records = {},
                 .record_size = program.size_max,
                 .pool = program.pool.data(),
                 .tail = program.line_tail.data(),
                 .tail_size = program.main.tail_size + 1};
  Frame frame;
  set_up(program, out, frame);
  std::size_t done = 0;
  while (done < records.size()) {
    char* end = out.reserve(line_max);
    std::size_t block = std::min<std::size_t>(out.room() / line_max, records.size() - done);
    if (has_lines) {
      lines.records = records.subspan(done, block);
      const std::size_t count = row.lines(ops + row.first, ops + row.last, lines, end);
      out.set_end(end);
      done += count;
      block = std::min(block - count, kWaryRecords);
    }
    for (const RecordSpan& span : records.subspan(done, block)) {
      frame.record = piece.data() + span.offset;
      frame.record_size = span.size;
      prefetch_behind(frame.record, span.size);
      end = span.size == program.size_max ? run(program.main, end, frame) : nullptr;
      if (end == nullptr) return done;
      *end++ = '\n';
      out.set_end(end);
      counts = {frame.unmapped, frame.bad_fields};
      ++done;
    }
  }
  return done;
}

}  // namespace

bool decode_record(const Program& program, ByteView record, TextBuffer& out, Frame& frame) {
  set_up(program, out, frame);
  frame.original = record;
  const bool is_padded =
      program.short_records == Acceptance::pad && record.size() < program.size_max;
  if (is_padded) record = pad(program, record);
  const bool accepts_short = program.short_records == Acceptance::accept;
  frame.record = record.data();
  frame.record_size = record.size();
  frame.is_checked = accepts_short && record.size() < program.size_max;
  if (record.size() < program.size_min && !accepts_short) {
    frame.failure.kind = FailureKind::record_short;
    frame.failure.limit = frame.needed;
    return false;
  }
  char* end = run(program.main, frame.promise(out.reserve(0), program.main.worst_case), frame);
  if (end == nullptr) return false;
  if (record.size() > frame.storage && !program.accept_long && !is_padded) {
    frame.failure.op = nullptr;
    frame.failure.choice = nullptr;
    frame.failure.kind = FailureKind::record_long;
    frame.failure.limit = frame.storage;
    return false;
  }
  out.set_end(end);
  return true;
}

struct Plan::Impl : Program {};

std::unique_ptr<const Plan> Plan::compile(
    std::shared_ptr<const copybook::Layout> layout, const PlanOptions& options,
    std::vector<Alternative> alternatives,  // NOLINT(performance-unnecessary-value-param)
    Diagnostics& diagnostics) {
  if (options.code_page == nullptr || layout == nullptr || layout->items.empty()) {
    diagnostics.error({}, "plan: a layout and a code page are needed");
    return nullptr;
  }
  if (options.code_page->kind() == charset::CodePage::Kind::double_byte) {
    diagnostics.error({}, "plan: code page " + options.code_page->name() +
                              " has no single-byte characters: it is for items of PIC G");
    return nullptr;
  }
  const std::size_t errors = diagnostics.error_count();
  auto program = std::make_unique<Impl>();
  program->layout = std::move(layout);
  program->short_records = options.short_records;
  program->space = static_cast<std::uint8_t>(options.code_page->byte_of(' '));
  program->accept_long = options.long_records == Acceptance::accept;
  program->list_errors = options.list_errors;
  program->size_min = least_size(*program->layout, 0, {options.odo, options.odo_range}, true);
  program->size_max = program->layout->size_max;
  describe_items(options, *program);
  Compiler(*program->layout, options, alternatives, *program, diagnostics).compile();
  program->pool.append(kTextChunk, ' ');
  program->line_tail = program->pool.substr(program->main.tail_offset, program->main.tail_size);
  program->line_tail.append(1, '\n').append(kTextChunk, ' ');
  program->operation_count = count_operations(*program);
  program->is_flat = program->size_min == program->size_max && !program->main.rows.empty() &&
                     std::ranges::all_of(program->main.ops, &Op::is_field);
  if (program->main.worst_case > kWorstCaseMax)
    diagnostics.error(program->layout->items.front().where,
                      "plan: one record's JSON could take more than 2 GiB");
  if (diagnostics.error_count() != errors) return nullptr;
  return std::unique_ptr<const Plan>(new Plan(std::move(program)));
}

Plan::Plan(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Plan::~Plan() = default;

bool Plan::decode(ByteView record, TextBuffer& out, Counts* counts) const {
  const std::size_t start = out.size();
  Frame frame;
  if (decode_record(*impl_, record, out, frame)) {
    add({frame.unmapped, frame.bad_fields}, counts);
    return true;
  }
  out.rewind(start);
  return false;
}

std::size_t Plan::decode_lines(ByteView piece, std::span<const RecordSpan> records, TextBuffer& out,
                               Counts* counts) const {
  std::size_t done = 0;
  while (done < records.size()) {
    if (impl_->is_flat) {
      Counts flat;
      done += decode_flat(*impl_, piece, records.subspan(done), out, flat);
      add(flat, counts);
      if (done == records.size()) break;
    }
    const RecordSpan& span = records[done];
    if (!decode(piece.subspan(span.offset, span.size), out, counts)) break;
    out.append('\n');
    ++done;
  }
  return done;
}

BadField Plan::explain(ByteView record) const {
  TextBuffer scratch;
  Frame frame;
  if (decode_record(*impl_, record, scratch, frame)) {
    BadField none;
    none.message = "record: fits its copybook";
    return none;
  }
  return explain_failure(*impl_, frame);
}

std::size_t Plan::operation_count() const { return impl_->operation_count; }

}  // namespace copybridge::plan
