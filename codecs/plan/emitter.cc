// Merging of constant text.
#include "codecs/plan/emitter.h"

#include "codecs/plan/controls.h"
#include "codecs/plan/run_kernels.h"

namespace copybridge::plan {

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
  std::uint32_t count = 0;
  for (const Op& op : plan_.ops) {
    const RowKernel kernel = op.row != nullptr ? op.row : run_one_by_one;
    if (plan_.rows.empty() || plan_.rows.back().kernel != kernel)
      plan_.rows.push_back({kernel, count, count});
    plan_.rows.back().last = ++count;
  }
}

}  // namespace copybridge::plan
