// Types of records that belong to others, read from nested lists.
#include "codecs/mapping/children.h"

#include <algorithm>
#include <set>
#include <utility>

#include "codecs/mapping/alternatives.h"
#include "codecs/mapping/fields.h"
#include "codecs/mapping/keys.h"
#include "codecs/plan/names.h"
#include "codecs/plan/outline.h"

namespace copybridge::mapping {
namespace {

using copybook::Item;
using copybook::ItemIndex;
using copybook::kNoItem;
using copybook::Layout;

/// Nesting of lists; far beyond any hierarchy (IMS has 15 levels).
constexpr std::size_t kDepthMax = 64;

void add_members(const std::vector<plan::OutlineNode>& nodes, std::set<std::string>& members) {
  for (const plan::OutlineNode& node : nodes) {
    if (node.has_member) members.insert(node.name);
    for (const plan::OutlineCondition& condition : node.conditions) members.insert(condition.name);
    if (!node.has_member) add_members(node.children, members);
  }
}

/// The members that a record's object has without those for other records.
std::set<std::string> members_of(const SegmentType& type) {
  std::set<std::string> members = {"_errors", "_raw", kOrderMember};
  Diagnostics found;  // Whoever compiles the plan reports them.
  const plan::Outline outline =
      plan::make_outline(*type.layout, type.options, type.alternatives, found);
  add_members(outline.members, members);
  return members;
}

class ChildReader {
 public:
  ChildReader(const Family& family, const Context& context, std::vector<SegmentType>& types)
      : family_(family), context_(context), types_(types) {}

  void read(const ConfigNode& list, std::uint32_t parent, std::size_t depth) {
    if (list.type != ConfigNode::Type::list || list.items.empty() || depth > kDepthMax) {
      context_.diagnostics.error(list.where, "'children' must be a list with at least one entry");
      return;
    }
    for (const ConfigNode& node : list.items) read_one(node, parent, depth);
  }

 private:
  void read_one(const ConfigNode& node, std::uint32_t parent, std::size_t depth) {
    const std::size_t errors = context_.diagnostics.error_count();
    const Options options = read_options(node, child_keys(), {}, context_.diagnostics);
    if (context_.diagnostics.error_count() > errors) return;
    Context here{context_.source, layout_of(options), context_.diagnostics};
    if (here.layout == nullptr) return;
    std::vector<plan::Alternative> alternatives;
    std::string name = here.layout->name();
    if (has_scalar(options, "item")) {
      name = options.text("item");
      here.layout = layout_of_alternative(options.node("item"), here, alternatives);
      if (here.layout == nullptr) return;
    }
    SegmentType type;
    type.options = options_of(options, here);
    const condition::Reading reading = reading_of(type.options);
    type.match = compile_condition(options.node("match"), reading, here);
    type.layout = here.layout;
    type.alternatives = alternatives_of(options, reading, here, std::move(alternatives));
    if (!options.boolean("drop")) type.plan = plan_of(type, here);
    if (options.is_given("as")) name = options.text("as");
    type.name = name;
    const std::string member =
        options.is_given("as") ? name : plan::styled(name, family_.shape.names);
    if (!take_member(member, parent, options)) return;
    type.array = member;
    type.member = plan::quoted(member) + ":";
    add(std::move(type), parent);
    const auto index = static_cast<std::uint32_t>(types_.size() - 1);
    if (options.is_given("children")) read(options.node("children"), index, depth + 1);
  }

  std::shared_ptr<const Layout> layout_of(const Options& options) {
    const bool is_own = options.is_given("copybook");
    const std::filesystem::path path =
        family_.folder / (is_own ? options.text("copybook") : family_.copybook);
    auto outcome = family_.files.load_copybook(path, family_.parse);
    if (!outcome) {
      context_.diagnostics.error(options.where("copybook"),
                                 "the copybook " + path.string() + " cannot be read");
      return nullptr;
    }
    const bool is_whole = !outcome->diagnostics.has_errors();
    // Findings of the mapping's own copybook are reported by whoever reads that.
    if (is_own) context_.diagnostics.append(std::move(outcome->diagnostics));
    if (!is_whole) return nullptr;
    return find_record(std::move(outcome->copybook), options.text("record"),
                       options.where(options.is_given("record") ? "record" : "copybook"),
                       context_.diagnostics);
  }

  static std::vector<plan::Alternative> alternatives_of(
      const Options& options, const condition::Reading& reading, const Context& here,
      std::vector<plan::Alternative> alternatives) {
    if (options.node("redefines").type != ConfigNode::Type::list) return alternatives;
    for (plan::Alternative& alternative :
         read_alternatives(options.node("redefines"), reading, here))
      alternatives.push_back(std::move(alternative));
    return alternatives;
  }

  plan::PlanOptions options_of(const Options& options, const Context& here) {
    plan::PlanOptions shape = family_.shape;
    if (options.node("fields").type == ConfigNode::Type::map)
      shape.rules = read_field_rules(options.node("fields"), shape, here);
    return shape;
  }

  std::shared_ptr<const plan::Plan> plan_of(const SegmentType& type, const Context& here) {
    if (type.options.code_page == nullptr) return nullptr;
    warn_of_open_redefines(type.alternatives, here);
    warn_of_shown_masks(type.options.rules, type.alternatives, here);
    return plan::Plan::compile(here.layout, type.options, type.alternatives, context_.diagnostics);
  }

  /// Whether the parent's object has no member of that name yet.
  bool take_member(const std::string& member, std::uint32_t parent, const Options& options) {
    members_.resize(std::max(members_.size(), std::size_t{parent} + 1));
    if (members_[parent].insert(member).second) return true;
    context_.diagnostics.error(
        options.where(options.is_given("as") ? "as" : "match"),
        "the record that it belongs to has a member " + in_quotes(member) + " already",
        "name another one under 'as'");
    return false;
  }

  void add(SegmentType type, std::uint32_t parent) {
    type.parent = parent;
    type.slot = static_cast<std::uint32_t>(types_[parent].children.size());
    types_[parent].children.push_back(static_cast<std::uint32_t>(types_.size()));
    members_.resize(types_.size() + 1);
    types_.push_back(std::move(type));
    members_.back() = members_of(types_.back());
  }

 public:
  /// The members of the root's own object.
  void begin() { members_ = {members_of(types_.front())}; }

 private:
  const Family& family_;
  const Context& context_;
  std::vector<SegmentType>& types_;
  std::vector<std::set<std::string>> members_;  ///< by type
};

}  // namespace

void read_children(const ConfigNode& list, std::uint32_t parent, const Family& family,
                   const Context& context, std::vector<SegmentType>& types) {
  ChildReader reader(family, context, types);
  reader.begin();
  reader.read(list, parent, 0);
}

std::shared_ptr<const Layout> layout_of_alternative(const ConfigNode& item, const Context& context,
                                                    std::vector<plan::Alternative>& alternatives) {
  const ItemIndex found = find_alternative(item.scalar, item.where, context);
  if (found == kNoItem) return nullptr;
  if (!context.layout->items[found].is_group() || context.layout->items[found].is_table) {
    context.diagnostics.error(item.where,
                              in_quotes(item.scalar) + " is no group outside of tables");
    return nullptr;
  }
  auto layout = std::make_shared<Layout>(*context.layout);
  // A FILLER's children are members of what it stands in.
  layout->items[found].is_filler = true;
  layout->items[found].is_varying_text = false;
  alternatives.push_back({found, {}});
  return layout;
}

std::shared_ptr<const Layout> find_record(copybook::Copybook copybook, const std::string& name,
                                          const Where& where, Diagnostics& diagnostics) {
  const std::vector<std::size_t> found = copybook::find_records(copybook, name);
  if (found.size() == 1)
    return std::make_shared<const Layout>(std::move(copybook.records[found.front()]));
  std::string names;
  for (const std::string& record : copybook::names_of_records(copybook))
    names += (names.empty() ? "" : ", ") + record;
  if (copybook.records.empty()) {
    diagnostics.error(where, "the copybook describes no record");
  } else if (name.empty()) {
    diagnostics.error(where, "the copybook has several records",
                      "name one under 'record': " + names);
  } else {
    diagnostics.error(where,
                      found.empty() ? "the copybook has no record " + in_quotes(name)
                                    : "the copybook has several records " + in_quotes(name),
                      "it has " + names);
  }
  return nullptr;
}

}  // namespace copybridge::mapping
