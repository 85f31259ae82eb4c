// Merging of constant text.
#include "codecs/plan/emitter.h"

#include "codecs/plan/controls.h"
#include "codecs/plan/run_kernels.h"

namespace copybridge::plan {

namespace {

/// From so many operations on a row kernel of their own pays for the change to it.
constexpr std::uint32_t kOwnRowMin = 4;

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
  const std::vector<Op>& ops = plan_.ops;
  std::vector<Row>& rows = plan_.rows;
  const auto count = static_cast<std::uint32_t>(ops.size());
  for (std::uint32_t first = 0, last = 0; first != count; first = last) {
    const auto is_same = [&](const Op& op) {
      return op.row == ops[first].row && op.mixed_row == ops[first].mixed_row;
    };
    while (last != count && is_same(ops[last])) ++last;
    const bool has_own = ops[first].row != nullptr && last - first >= kOwnRowMin;
    RowKernel kernel = has_own ? ops[first].row : ops[first].mixed_row;
    if (kernel == nullptr) kernel = run_one_by_one;
    if (rows.empty() || rows.back().kernel != kernel) rows.push_back({kernel, first, first});
    rows.back().last = last;
  }
}

}  // namespace copybridge::plan
