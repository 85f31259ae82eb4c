// Compiles plans and runs them over records.
#include "codecs/plan/plan.h"

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
  return count;
}

void describe_items(const PlanOptions& options, Program& program) {
  const copybook::Layout& layout = *program.layout;
  const std::size_t count = layout.items.size();
  std::vector<std::shared_ptr<const charset::CodePage>> pages(count, options.code_page);
  program.is_masked.assign(count, false);
  for (const FieldRule& rule : options.rules) {
    if (rule.item >= count) continue;
    if (rule.code_page != nullptr) pages[rule.item] = rule.code_page;
    program.is_masked[rule.item] = rule.mask.has_value() || rule.drop;
  }
  for (ItemIndex item = 0; item < count; ++item) {
    const copybook::Item& entry = layout.items[item];
    if (entry.parent != copybook::kNoItem && program.is_masked[entry.parent])
      program.is_masked[item] = true;
    program.paths.push_back(copybook::path_of(layout, item));
    program.by_item.push_back(condition::make_field(entry, reading_of(options, pages[item])));
  }
}

}  // namespace

condition::Reading reading_of(const PlanOptions& options,
                              std::shared_ptr<const charset::CodePage> page) {
  condition::Reading reading;
  reading.code_page = std::move(page);
  reading.ieee_float = options.float_format == FloatFormat::ieee;
  reading.native_little_endian = options.native_order == ByteOrder::little;
  reading.fixed_tables = options.odo == OdoStorage::fixed;
  return reading;
}

bool decode_record(const Program& program, ByteView record, TextBuffer& out, Frame& frame) {
  frame.record = record.data();
  frame.record_size = record.size();
  frame.pool = program.pool.data();
  frame.paths = program.paths.data();
  frame.buffer = &out;
  frame.needed = program.size_min;
  frame.storage = program.size_max;
  frame.list_errors = program.list_errors;
  frame.is_checked = program.accept_short && record.size() < program.size_max;
  if (record.size() < program.size_min && !program.accept_short) {
    frame.failure.kind = FailureKind::record_short;
    frame.failure.limit = frame.needed;
    return false;
  }
  char* end = run(program.main, frame.promise(out.reserve(0), program.main.worst_case), frame);
  if (end == nullptr) return false;
  if (record.size() > frame.storage && !program.accept_long) {
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
  for (const FieldRule& rule : options.rules)
    if (rule.code_page != nullptr && !rule.code_page->is_single_byte())
      diagnostics.error(rule.where, "plan: code page " + rule.code_page->name() +
                                        " is not a single-byte code page");
  if (!options.code_page->is_single_byte())
    diagnostics.error({}, "plan: code page " + options.code_page->name() +
                              " is not a single-byte code page");
  if (diagnostics.has_errors()) return nullptr;
  const std::size_t errors = diagnostics.error_count();
  auto program = std::make_unique<Impl>();
  program->layout = std::move(layout);
  program->accept_short = options.short_records == Acceptance::accept;
  program->accept_long = options.long_records == Acceptance::accept;
  program->list_errors = options.list_errors;
  program->size_min = least_size(*program->layout, 0, options.odo, true);
  program->size_max = program->layout->size_max;
  describe_items(options, *program);
  Compiler(*program->layout, options, alternatives, *program, diagnostics).compile();
  program->pool.append(kTextChunk, ' ');
  program->operation_count = count_operations(*program);
  if (program->main.worst_case > kWorstCaseMax)
    diagnostics.error(program->layout->items.front().where,
                      "plan: one record's JSON could take more than 2 GiB");
  if (diagnostics.error_count() != errors) return nullptr;
  return std::unique_ptr<const Plan>(new Plan(std::move(program)));
}

Plan::Plan(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Plan::~Plan() = default;

bool Plan::decode(ByteView record, TextBuffer& out) const {
  const std::size_t start = out.size();
  Frame frame;
  if (decode_record(*impl_, record, out, frame)) return true;
  out.rewind(start);
  return false;
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
