// Merging of constant text.
#include "codecs/plan/emitter.h"

#include <algorithm>
#include <span>

#include "codecs/plan/controls.h"
#include "codecs/plan/run_kernels.h"

namespace copybridge::plan {

namespace {

RowKernel mixed_of(const Op& op) { return op.rows != nullptr ? op.rows->mixed : nullptr; }

/// What runs operations that have the same mixed row.
Row row_of(std::span<const Op> ops) {
  Row row;
  row.kernel = run_one_by_one;
  const RowKernels* const kernels = ops.front().rows;
  if (kernels == nullptr) return row;
  const auto is_same = [&](const Op& op) { return op.rows == kernels; };
  const bool is_own = kernels->own != nullptr && std::ranges::all_of(ops, is_same);
  row.kernel = is_own ? kernels->own : kernels->mixed;
  row.lines = is_own ? kernels->own_lines : kernels->mixed_lines;
  return row;
}

}  // namespace

std::uint32_t add_to_pool(std::string& pool, std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(pool.size());
  pool += text;
  return offset;
}

void Emitter::begin_member(std::string_view quoted_name) {
  if (members_ == Members::some) pending_ += ',';
  pending_ += quoted_name;
  pending_ += ':';
  members_ = Members::some;
}

void Emitter::begin_optional_members() {
  if (members_ == Members::some) pending_ += ',';
  members_ = Members::comma;
}

void Emitter::open_object() {
  pending_ += '{';
  outer_.push_back(members_);
  members_ = Members::none;
}

void Emitter::close_object() {
  if (members_ == Members::comma) {
    Op op;
    op.kernel = plan::close_object;
    add(op, 1);
  } else {
    pending_ += '}';
  }
  members_ = outer_.back();
  outer_.pop_back();
}

void Emitter::add(Op op, std::uint64_t worst_case) {
  op.text_offset = add_to_pool(pool_, pending_);
  op.text_size = static_cast<std::uint32_t>(pending_.size());
  plan_.worst_case += pending_.size() + worst_case;
  pending_.clear();
  plan_.ops.push_back(op);
}

void Emitter::finish() {
  plan_.tail_offset = add_to_pool(pool_, pending_);
  plan_.tail_size = static_cast<std::uint32_t>(pending_.size());
  plan_.worst_case += pending_.size();
  pending_.clear();
  form_rows();
}

void Emitter::form_rows() {
  const std::span<const Op> ops = plan_.ops;
  const auto count = static_cast<std::uint32_t>(ops.size());
  for (std::uint32_t first = 0, last = 0; first != count; first = last) {
    const RowKernel mixed = mixed_of(ops[first]);
    while (last != count && mixed_of(ops[last]) == mixed) ++last;
    plan_.rows.push_back(row_of(ops.subspan(first, last - first)));
    plan_.rows.back().first = first;
    plan_.rows.back().last = last;
  }
}

}  // namespace copybridge::plan
