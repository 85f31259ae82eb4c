// Reading and checking of bridge files.
#include "bridge/bridge_config.h"

#include <algorithm>
#include <map>
#include <set>

#include "adapters/calls.h"
#include "bridge/bridge_options.h"
#include "bridge/claim_check.h"
#include "bridge/components/components.h"
#include "bridge/core/hash.h"
#include "bridge/event_schema.h"
#include "bridge/exactly_once.h"
#include "bridge/publishers/exchange.h"

namespace copybridge::bridge {
namespace {

/// Hashes a section as it is written, but for spaces and comments.
void hash_section(const ConfigNode& node, Hasher& hasher) {
  const std::string_view opening = node.type == ConfigNode::Type::map ? "{" : "[";
  hasher.update(node.scalar.empty() ? opening : std::string_view(node.scalar));
  for (const ConfigNode& item : node.items) hash_section(item, hasher);
  for (const ConfigMember& member : node.members) {
    hasher.update(member.key);
    hasher.update(":");
    hash_section(member.value, hasher);
  }
  hasher.update("\n");
}

std::string in_quotes(std::string_view word) { return "'" + std::string(word) + "'"; }

/// Names become part of ids and log lines.
bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == std::string_view::npos;
}

template <typename Kind>
const Kind* find_kind(const ConfigMember& component, std::span<const Kind* const> kinds,
                      Diagnostics& diagnostics) {
  const ConfigNode* word = component.value.find("kind");
  if (word == nullptr || word->type != ConfigNode::Type::scalar) {
    diagnostics.error(component.where, in_quotes(component.key) + " has no kind");
    return nullptr;
  }
  std::vector<std::string_view> known;
  for (const Kind* kind : kinds) {
    if (kind->kind == word->scalar) return kind;
    known.push_back(kind->kind);
  }
  const std::string near = nearest(word->scalar, known);
  diagnostics.error(word->where, "unknown kind " + in_quotes(word->scalar),
                    near.empty() ? "`copybridge components` lists them"
                                 : "did you mean " + in_quotes(near) + "?");
  return nullptr;
}

class Loader {
 public:
  Loader(const std::filesystem::path& path, Diagnostics& diagnostics)
      : path_(path), diagnostics_(diagnostics) {}

  BridgeConfig load() {
    std::string text;
    const ConfigNode root = load_yaml(path_, diagnostics_, &text);
    if (diagnostics_.has_errors()) return {};
    // Absolute, so that state and log mean the same files wherever the bridge is started.
    config_.directory = std::filesystem::absolute(path_).lexically_normal().parent_path();
    hash_.update(text);
    const Options top = read_options(root, top_options(), {}, diagnostics_);
    config_.state = config_.directory / top.text("state");
    config_.event_source = top.text("event_source");
    read_log(top.node("log"));
    read_delivery(top.node("delivery"));
    read_adapters(top.node("adapters"));
    read_publishers(top.node("publishers"));
    read_routes(top.node("routes"));
    if (top.is_given("dead_letters")) read_dead_letters(top.node("dead_letters"));
    check_claim_checks(config_, top.node("publishers"), diagnostics_);
    routed_.merge(body_stores(top.node("publishers")));
    warn_unused(top);
    // Of kinds and options that are good.
    if (!diagnostics_.has_errors()) check_exactly_once(config_, top.node("adapters"), diagnostics_);
    if (!diagnostics_.has_errors()) check_schemas(config_, diagnostics_);
    config_.digest = hash_.hex();
    return std::move(config_);
  }

 private:
  /// A section that may be missing, read by its table.
  Options section(ConfigNode node, std::span<const OptionSpec> table) {
    if (node.type == ConfigNode::Type::null) node.type = ConfigNode::Type::map;
    return read_options(node, table, {}, diagnostics_);
  }

  void read_log(const ConfigNode& node) {
    const Options log = section(node, log_options());
    const std::map<std::string_view, LogLevel> levels = {{"debug", LogLevel::debug},
                                                         {"info", LogLevel::info},
                                                         {"warn", LogLevel::warn},
                                                         {"error", LogLevel::error}};
    const auto level = levels.find(log.text("level"));
    if (level != levels.end()) config_.log_level = level->second;
    config_.log_format = log.text("format") == "text" ? LogFormat::text : LogFormat::json;
    config_.summary_interval = Milliseconds(log.integer("summary_interval_ms"));
  }

  void read_delivery(const ConfigNode& node) {
    const Options delivery = section(node, delivery_options());
    const auto count = [&](std::string_view name) {
      return static_cast<std::uint64_t>(delivery.integer(name));
    };
    config_.window_batches = count("window_batches");
    config_.decode_threads = count("decode_threads");
    config_.bad_records_max = count("bad_records_max");
    config_.bad_records_percent = count("bad_records_percent");
    config_.memory_bytes_max = count("memory_bytes_max");
    config_.drain_limit = Milliseconds(delivery.integer("drain_limit_ms"));
    config_.retry.initial = Milliseconds(delivery.integer("retry_initial_ms"));
    config_.retry.max = Milliseconds(delivery.integer("retry_max_ms"));
    config_.retry.refused = Milliseconds(delivery.integer("refused_retry_ms"));
  }

  bool is_component_map(const ConfigNode& node, std::string_view what) {
    if (node.type == ConfigNode::Type::null) return false;
    if (node.type != ConfigNode::Type::map) {
      diagnostics_.error(node.where, in_quotes(what) + " must be a map of names");
    } else if (node.members.empty()) {
      diagnostics_.error(node.where, in_quotes(what) + " is empty");
    }
    return node.type == ConfigNode::Type::map;
  }

  bool check_name(const ConfigMember& component) {
    if (!is_name(component.key)) {
      diagnostics_.error(component.where, "the name " + in_quotes(component.key) +
                                              " may hold letters, digits, '_', '.' and '-' only");
    }
    if (component.value.type == ConfigNode::Type::map) return true;
    diagnostics_.error(component.value.where,
                       in_quotes(component.key) + " must be a map with a kind");
    return false;
  }

  void read_adapters(const ConfigNode& node) {
    if (!is_component_map(node, "adapters")) return;
    adapters_ = &node;
    for (const ConfigMember& member : node.members) {
      adapter_names_.insert(member.key);
      if (!check_name(member)) continue;
      const auto* kind = find_kind(member, components::adapter_kinds(), diagnostics_);
      if (kind == nullptr) continue;
      AdapterConfig adapter{member.key, kind,
                            read_component(member.value, kind->options, adapter_keys())};
      if (component_is_clean_)
        adapter.spool = spool::read_settings(member.value, *kind, adapter.options, diagnostics_);
      if (component_is_clean_) adapter.instances = read_instances(adapter, member);
      if (component_is_clean_) {
        const adapters::AdapterContext context{member.key, config_.directory, nullptr, log_,
                                               system_clock()};
        kind->make(context, adapter.options, diagnostics_);
      }
      config_.adapters.push_back(std::move(adapter));
    }
  }

  /// Of kinds that have the option.
  std::size_t read_instances(const AdapterConfig& adapter, const ConfigMember& member) {
    const auto rows = adapter.kind->options;
    if (std::ranges::find(rows, "instances", &OptionSpec::name) == rows.end()) return 1;
    const auto instances = static_cast<std::size_t>(adapter.options.integer("instances"));
    if (instances > 1 && adapter.spool) {
      diagnostics_.error(adapter.options.where("instances"),
                         "'instances' and 'spool' exclude each other");
    }
    if (instances > 1 && !adapter.kind->binds_keys) competing_.insert(member.key);
    return instances;
  }

  void read_publishers(const ConfigNode& node) {
    if (!is_component_map(node, "publishers")) return;
    const std::set<std::string> stores = body_stores(node);
    for (const ConfigMember& member : node.members) {
      publisher_names_.insert(member.key);
      if (!check_name(member)) continue;
      const auto* kind = find_kind(member, components::publisher_kinds(), diagnostics_);
      if (kind == nullptr) continue;
      PublisherConfig publisher{member.key, kind,
                                read_component(member.value, kind->options, publisher_keys())};
      publisher.claim_check = claim_check_of(member.value);
      publisher.keeps_bodies = kind->can_keep_bodies && stores.contains(member.key);
      Hasher hasher;
      hash_section(member.value, hasher);
      publisher.digest = hasher.hex();
      if (component_is_clean_) {
        const publishers::PublisherContext context{
            member.key, config_.directory, log_, system_clock(), nullptr, publisher.keeps_bodies};
        const auto made = kind->make(context, publisher.options, diagnostics_);
        publisher.has_size_limit = made == nullptr || made->limits().event_bytes_max !=
                                                          publishers::Limits{}.event_bytes_max;
      }
      config_.publishers.push_back(std::move(publisher));
    }
  }

  /// Reads a component by its table; its own make() looks only at options the table found good.
  Options read_component(const ConfigNode& node, std::span<const OptionSpec> table,
                         std::span<const std::string_view> also_known) {
    const std::size_t errors = diagnostics_.error_count();
    Options options = read_options(node, table, also_known, diagnostics_);
    component_is_clean_ = diagnostics_.error_count() == errors;
    return options;
  }

  void read_routes(const ConfigNode& node) {
    if (node.type == ConfigNode::Type::null) return;
    if (node.type != ConfigNode::Type::list || node.items.empty()) {
      diagnostics_.error(node.where, "'routes' must be a list with at least one route");
      return;
    }
    for (const ConfigNode& item : node.items) read_route(item);
  }

  void read_dead_letters(const ConfigNode& name) {
    check_known(name, publisher_names_, "publisher");
    // Its order and its limits would be those of the events.
    if (routed_.contains(name.scalar)) {
      diagnostics_.error(name.where, in_quotes(name.scalar) + " is in a route",
                         "dead letters need a publisher of their own");
    }
    routed_.insert(name.scalar);
    config_.dead_letters = name.scalar;
  }

  /// A destination blocks keys of all routes of a source that lead to it, or of none.
  void check_blocking(const RouteConfig& route, const ConfigNode& where) {
    const bool has_key = std::ranges::any_of(
        route.mappings, [](const auto& mapping) { return mapping->key != nullptr; });
    if (route.blocks_keys && !has_key && !route.mappings.empty()) {
      diagnostics_.error(where.where, "no mapping of the route has a key to block",
                         "add 'key' under 'event' of the mapping");
    }
    for (const RouteConfig& other : config_.routes) {
      const auto is_shared = [&](const std::string& name) {
        return std::ranges::find(other.to, name) != other.to.end();
      };
      if (other.from != route.from || other.blocks_keys == route.blocks_keys) continue;
      const auto shared = std::ranges::find_if(route.to, is_shared);
      if (shared == route.to.end()) continue;
      diagnostics_.error(where.where, "another route from " + in_quotes(route.from) + " to " +
                                          in_quotes(*shared) + " has the other 'on_dead_letter'");
    }
  }

  void read_route(const ConfigNode& node) {
    const Options options = read_options(node, route_options(), {}, diagnostics_);
    if (node.type != ConfigNode::Type::map) return;
    RouteConfig route;
    route.from = options.text("from");
    const bool is_encoding = options.boolean("encode");
    route.ignore_unmatched = options.text("unmatched") == "ignore";
    route.blocks_keys = options.text("on_dead_letter") == "block-key";
    route.trace = trace_rule_of(options);
    if (options.is_given("from")) {
      check_known(options.node("from"), adapter_names_, "adapter");
      routed_.insert(route.from);
    }
    for (const ConfigNode& name : words(options.node("to"), "to")) {
      check_known(name, publisher_names_, "publisher");
      routed_.insert(name.scalar);
      route.to.push_back(name.scalar);
    }
    for (const ConfigNode& file : words(options.node("mappings"), "mappings")) {
      auto mapping = load_mapping(file);
      if (mapping == nullptr) continue;
      if (mapping->hierarchy != nullptr && !is_encoding) check_grouping(route.from, file);
      if (is_encoding) check_encodes(*mapping, file);
      if (mapping->key != nullptr) check_order(route.from, file);
      if (mapping->readings->is_by_message()) check_messages(route.from, is_encoding, file);
      route.mappings.push_back(std::move(mapping));
    }
    if (is_encoding) {
      route.encoding =
          RecordEncoding::compile(route.mappings, read_encode_options(options), diagnostics_);
    } else {
      refuse_encode_options(options);
    }
    if (options.is_given("reply")) read_reply(options, route);
    check_mixture(route, node);
    check_blocking(route,
                   options.is_given("on_dead_letter") ? options.node("on_dead_letter") : node);
    config_.routes.push_back(std::move(route));
  }

  void read_reply(const Options& options, RouteConfig& route) {
    const ConfigNode& node = options.node("reply");
    const Options reply = read_options(node, reply_options(), {}, diagnostics_);
    route.reply.emplace();
    route.reply->deadline = Milliseconds(reply.integer("deadline_ms"));
    for (const std::string_view key : {"mappings", "errors"}) {
      for (const ConfigNode& file : words(reply.node(key), key)) {
        auto mapping = load_mapping(file);
        auto& mappings = key == "errors" ? route.reply->errors : route.reply->mappings;
        if (mapping != nullptr) mappings.push_back(std::move(mapping));
      }
    }
    if (route.encoding == nullptr || route.to.size() != 1 || route.blocks_keys) {
      diagnostics_.error(node.where,
                         "a route with 'reply' has 'encode: yes', one publisher, and no "
                         "'on_dead_letter: block-key'");
    }
    check_calls(route, node);
  }

  /// Both ends must be able to: what they say of their options is theirs.
  void check_calls(const RouteConfig& route, const ConfigNode& node) {
    const auto adapter = std::ranges::find(config_.adapters, route.from, &AdapterConfig::name);
    if (adapter != config_.adapters.end()) {
      const adapters::AdapterContext context{route.from, config_.directory, nullptr, log_,
                                             system_clock()};
      if (adapter->kind->make_calls == nullptr) {
        diagnostics_.error(node.where, in_quotes(adapter->kind->kind) + " takes no calls");
      } else if (!diagnostics_.has_errors()) {
        adapter->kind->make_calls(context, adapter->options, diagnostics_);
      }
    }
    for (const std::string& name : route.to) {
      const auto publisher = std::ranges::find(config_.publishers, name, &PublisherConfig::name);
      if (publisher == config_.publishers.end()) continue;
      const publishers::PublisherContext context{name, config_.directory, log_, system_clock()};
      if (publisher->kind->make_exchange == nullptr) {
        diagnostics_.error(node.where, in_quotes(publisher->kind->kind) + " brings no replies");
      } else if (!diagnostics_.has_errors()) {
        publisher->kind->make_exchange(context, publisher->options, diagnostics_);
      }
    }
  }

  /// An adapter's records are calls, or they are not.
  void check_mixture(const RouteConfig& route, const ConfigNode& node) {
    for (const RouteConfig& other : config_.routes) {
      if (other.from != route.from || other.reply.has_value() == route.reply.has_value()) continue;
      diagnostics_.error(node.where, "another route from " + in_quotes(route.from) +
                                         (route.reply ? " has no 'reply'" : " has a 'reply'"));
      return;
    }
  }

  /// Only messages of IBM MQ say their code page, and those that are written have none yet.
  void check_messages(const std::string& adapter, bool is_encoding, const ConfigNode& file) {
    const ConfigNode* options = adapters_ == nullptr ? nullptr : adapters_->find(adapter);
    const ConfigNode* kind = options == nullptr ? nullptr : options->find("kind");
    if (!is_encoding && (kind == nullptr || kind->scalar == "ibm-mq")) return;
    diagnostics_.error(file.where,
                       in_quotes(file.scalar) +
                           " takes its code page from messages of IBM MQ, and " +
                           (is_encoding ? "a route with 'encode: yes' has none to take it from"
                                        : in_quotes(adapter) + " has none"),
                       "name a code page in the mapping");
  }

  void refuse_encode_options(const Options& options) {
    for (const std::string_view key : {"missing", "unknown", "rounding", "trunc"}) {
      if (!options.is_given(key)) continue;
      diagnostics_.error(options.where(key), in_quotes(key) + " is for a route with 'encode: yes'");
    }
  }

  void check_encodes(const mapping::Mapping& mapping, const ConfigNode& file) {
    const bool is_detail = mapping.place == framing::RecordPlace::detail;
    if (is_detail && mapping.hierarchy == nullptr) return;
    diagnostics_.error(file.where,
                       in_quotes(file.scalar) +
                           (is_detail ? " has children" : " is for a header or trailer") +
                           "; a route encodes single records");
  }

  /// The single values of a list (or of one value), mistakes reported.
  std::vector<ConfigNode> words(const ConfigNode& node, std::string_view what) {
    if (node.type == ConfigNode::Type::null) return {};
    if (node.type == ConfigNode::Type::scalar) return {node};
    if (node.type != ConfigNode::Type::list || node.items.empty()) {
      diagnostics_.error(node.where, in_quotes(what) + " must be a list with at least one entry");
      return {};
    }
    std::vector<ConfigNode> found;
    std::set<std::string> seen;
    for (const ConfigNode& item : node.items) {
      if (item.type != ConfigNode::Type::scalar) {
        diagnostics_.error(item.where, in_quotes(what) + " is a list of single values");
      } else if (!seen.insert(item.scalar).second) {
        diagnostics_.error(item.where, in_quotes(item.scalar) + " stands here twice");
      } else {
        found.push_back(item);
      }
    }
    return found;
  }

  /// Events with one key must not overtake each other.
  void check_order(const std::string& adapter, const ConfigNode& file) {
    if (!competing_.contains(adapter)) return;
    diagnostics_.error(file.where,
                       in_quotes(file.scalar) + " has a key, and the instances of " +
                           in_quotes(adapter) + " would not keep its order",
                       "read with one instance, or leave the key out");
  }

  /// A mapping with children gets documents only where its adapter makes them.
  void check_grouping(const std::string& adapter, const ConfigNode& file) {
    const ConfigNode* options = adapters_ == nullptr ? nullptr : adapters_->find(adapter);
    const ConfigNode* named = options == nullptr ? nullptr : options->find("described_by");
    const auto is_it = [&](const ConfigNode& node) { return node.scalar == file.scalar; };
    if (named != nullptr &&
        (is_it(*named) || std::any_of(named->items.begin(), named->items.end(), is_it)))
      return;
    diagnostics_.error(file.where,
                       in_quotes(file.scalar) + " has children, and " + in_quotes(adapter) +
                           " does not put records together",
                       "name the mapping under 'described_by' of the adapter");
  }

  void check_known(const ConfigNode& name, const std::set<std::string>& known,
                   std::string_view what) {
    // A section without names has been reported itself.
    if (known.empty() || known.contains(name.scalar)) return;
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const std::string near = nearest(name.scalar, candidates);
    diagnostics_.error(name.where,
                       "there is no " + std::string(what) + " " + in_quotes(name.scalar),
                       near.empty() ? "" : "did you mean " + in_quotes(near) + "?");
  }

  std::shared_ptr<const mapping::Mapping> load_mapping(const ConfigNode& file) {
    const std::filesystem::path path = path_.parent_path() / file.scalar;
    if (const auto known = mappings_.find(path); known != mappings_.end()) return known->second;
    std::error_code error;
    std::shared_ptr<const mapping::Mapping> mapping;
    if (!std::filesystem::is_regular_file(path, error)) {
      diagnostics_.error(file.where, "the mapping file " + path.string() + " cannot be read");
    } else {
      mapping = mapping::load(path, diagnostics_);
    }
    if (mapping != nullptr) {
      hash_.update(mapping->mapping_hash);
      hash_.update(mapping->copybook_hash);
      const auto [other, is_new] = mapping_names_.emplace(mapping->name, path);
      if (!is_new) {
        diagnostics_.error(file.where,
                           "the mapping name " + in_quotes(mapping->name) + " is also that of " +
                               other->second.string(),
                           "ids hold the name: it must be unique");
      }
    }
    return mappings_.emplace(path, std::move(mapping)).first->second;
  }

  void warn_unused(const Options& top) {
    for (const std::string_view section : {"adapters", "publishers"}) {
      for (const ConfigMember& member : top.node(section).members) {
        if (routed_.contains(member.key)) continue;
        diagnostics_.warning(member.where, in_quotes(member.key) + " is in no route");
      }
    }
  }

  const std::filesystem::path& path_;
  Diagnostics& diagnostics_;
  Log log_{LogLevel::error, LogFormat::text, system_clock(), [](std::string_view) {}};
  BridgeConfig config_;
  Hasher hash_;
  bool component_is_clean_ = false;
  std::set<std::string> adapter_names_;
  const ConfigNode* adapters_ = nullptr;  ///< what stands under them
  std::set<std::string> competing_;       ///< adapters whose instances take any record
  std::set<std::string> publisher_names_;
  std::set<std::string> routed_;
  std::map<std::filesystem::path, std::shared_ptr<const mapping::Mapping>> mappings_;
  std::map<std::string, std::filesystem::path> mapping_names_;
};

}  // namespace

std::optional<BridgeConfig> load_bridge(const std::filesystem::path& path,
                                        Diagnostics& diagnostics) {
  Loader loader(path, diagnostics);
  BridgeConfig config = loader.load();
  if (diagnostics.has_errors()) return std::nullopt;
  return config;
}

}  // namespace copybridge::bridge
