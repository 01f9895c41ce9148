// Reading Python pickles (protocols 2 to 5) without running anything.
//
// A pickle is a program for a small stack machine, and a hostile one calls functions. Here the machine builds a tree
// and nothing else: where the program names a function, the name must be on the reader's list, and where it calls one,
// the tree gets a node that says so. What the calls mean is for the reader of the tree to know (torch_tensors.hpp).
//
// Opcodes: CPython, Lib/pickle.py and Lib/pickletools.py; those that state dictionaries need.
#pragma once

#include <ugatit/io/number_formats.hpp>
#include <ugatit/io/pickle.hpp>
#include <ugatit/io/text.hpp>

#include <functional>
#include <unordered_map>
#include <utility>

namespace ugatit {

/// Builds the tree of one pickle at the beginning of `bytes`.
class PickleReader {
 public:
  /// Whether a function, "module.name", may occur.
  using Allowed = std::function<bool(std::string_view)>;

  /// Errors come as `Error` whose line begins with `file`.
  PickleReader(std::span<const std::byte> bytes, std::string file, Allowed allowed)
      : bytes_(bytes), file_(std::move(file)), allowed_(std::move(allowed)) {}

  /// Reads it all. Throws `Error` where it is damaged or names a function that is not allowed.
  Pickle read() {
    while (step(static_cast<unsigned char>(take(1).front()))) {
    }
    pickle_.root = pop();
    pickle_.length = at_;
    return std::move(pickle_);
  }

 private:
  using Kind = PickleNode::Kind;
  static constexpr std::size_t most_nodes = 1'000'000;  // a state dictionary of 1000 tensors has about 20,000

  // Executes one instruction; false for the last one.
  bool step(unsigned char opcode) {
    switch (opcode) {
      case '.':
        return false;
      case 0x80:
        take(1);
        break;  // PROTO
      case 0x95:
        take(8);
        break;  // FRAME

      case 'N':
        push(Kind::none);
        break;
      case 0x88:
        push_integer(Kind::boolean, 1);
        break;
      case 0x89:
        push_integer(Kind::boolean, 0);
        break;
      case 'K':
        push_integer(Kind::integer, number<std::uint8_t>());
        break;
      case 'M':
        push_integer(Kind::integer, number<std::uint16_t>());
        break;
      case 'J':
        push_integer(Kind::integer, number<std::int32_t>());
        break;
      case 0x8a:
        push_long(number<std::uint8_t>());
        break;
      case 0x8b:
        push_long(number<std::uint32_t>());
        break;
      case 'G':
        push_real();
        break;
      case 'U':   // SHORT_BINSTRING
      case 'C':   // SHORT_BINBYTES
      case 0x8c:  // SHORT_BINUNICODE
        push_text(number<std::uint8_t>());
        break;
      case 'T':  // BINSTRING
      case 'B':  // BINBYTES
      case 'X':  // BINUNICODE
        push_text(number<std::uint32_t>());
        break;
      case 0x8d:  // BINUNICODE8
      case 0x8e:  // BINBYTES8
        push_text(number<std::uint64_t>());
        break;

      case ']':
        push(Kind::list);
        break;
      case '}':
        push(Kind::dict);
        break;
      case ')':
        push(Kind::tuple);
        break;
      case 'l':
        push_items(Kind::list, pop_to_mark());
        break;
      case 'd':
        push_items(Kind::dict, pop_to_mark());
        break;
      case 't':
        push_items(Kind::tuple, pop_to_mark());
        break;
      case 0x85:
        push_items(Kind::tuple, pop(1));
        break;
      case 0x86:
        push_items(Kind::tuple, pop(2));
        break;
      case 0x87:
        push_items(Kind::tuple, pop(3));
        break;
      case 'a':
        append(pop(1));
        break;
      case 'e':
        append(pop_to_mark());
        break;
      case 's':
        set_items(pop(2));
        break;
      case 'u':
        set_items(pop_to_mark());
        break;

      case '(':
        marks_.push_back(stack_.size());
        break;
      case '0':
        pop();
        break;
      case '1':
        pop_to_mark();
        break;
      case '2':
        stack_.push_back(top());
        break;

      case 'q':
        memo_[number<std::uint8_t>()] = top();
        break;
      case 'r':
        memo_[number<std::uint32_t>()] = top();
        break;
      case 0x94:
        memo_[static_cast<std::uint32_t>(memo_.size())] = top();
        break;
      case 'h':
        recall(number<std::uint8_t>());
        break;
      case 'j':
        recall(number<std::uint32_t>());
        break;

      case 'c':
        push_global();
        break;
      case 0x93:
        push_stack_global();
        break;
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        push_call();
        break;
      case 'b': {  // BUILD: the attributes of an object
        const std::size_t state = pop();
        node(top()).state = state;
        break;
      }
      case 'Q':
        push_items(Kind::persistent, pop(1));
        break;

      default:
        fail("holds Python objects of an unknown kind (pickle opcode " + std::to_string(opcode) + ")");
    }
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(file_ + " " + what + "; save a dictionary of tensors with torch.save, or of NumPy arrays with pickle");
  }
  [[noreturn]] void fail_damaged() const {
    throw Error(file_ + " is truncated or altered (its pickle makes no sense); copy or download it again");
  }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) fail_damaged();
    const auto taken = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }

  template <class Stored>
  Stored number() {
    return load_number<Stored>(take(sizeof(Stored)).data());
  }

  std::string text(std::uint64_t length) {
    const auto bytes = take(length);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::string line() {
    std::string result;
    for (char c = 0; (c = static_cast<char>(take(1).front())) != '\n';) result += c;
    return result;
  }

  PickleNode& push(Kind kind) {
    if (pickle_.nodes.size() == most_nodes) fail("has more Python objects than a checkpoint needs");
    stack_.push_back(pickle_.nodes.size());
    pickle_.nodes.emplace_back().kind = kind;
    return pickle_.nodes.back();
  }
  void push_integer(Kind kind, std::int64_t value) { push(kind).integer = value; }
  void push_text(std::uint64_t length) {
    constexpr std::size_t longest_copied = std::size_t{1} << 16U;
    PickleNode& node = push(Kind::text);
    node.bytes = take(length);
    if (length <= longest_copied) node.text.assign(reinterpret_cast<const char*>(node.bytes.data()), node.bytes.size());
  }
  void push_items(Kind kind, std::vector<std::size_t> items) {
    if (kind == Kind::dict && items.size() % 2 != 0) fail_damaged();
    push(kind).items = std::move(items);
  }

  void push_long(std::uint64_t length) {
    PickleNode& node = push(Kind::integer);
    node.text = text(length);
    if (length == 0 || length > 8) return;
    std::uint64_t value = (node.text.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = node.text.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(node.text[i]);
    node.integer = static_cast<std::int64_t>(value);
  }

  void push_real() {  // the one big-endian number
    std::uint64_t bits = 0;
    for (const std::byte b : take(8)) bits = bits << 8U | std::to_integer<std::uint64_t>(b);
    push(Kind::real).real = std::bit_cast<double>(bits);
  }

  void push_global() {
    const std::string module = line();
    push_function(module + "." + line());
  }

  void push_stack_global() {
    const auto names = pop(2);
    if (node(names[0]).kind != Kind::text || node(names[1]).kind != Kind::text) fail_damaged();
    push_function(node(names[0]).text + "." + node(names[1]).text);
  }

  void push_function(const std::string& name) {
    if (!allowed_(name)) {
      throw Error(file_ + " is refused: it refers to the Python function or class " + one_line(name) +
                  ", which weights have no use for; do not trust it, or save its state dictionary alone");
    }
    push(Kind::function).text = name;
  }

  void push_call() {
    const auto parts = pop(2);
    if (node(parts[0]).kind != Kind::function || node(parts[1]).kind != Kind::tuple) fail_damaged();
    PickleNode& call = push(Kind::call);
    call.text = node(parts[0]).text;
    call.items = {parts[1]};
  }

  void append(const std::vector<std::size_t>& items) {
    PickleNode& list = node(top());
    if (list.kind != Kind::list) fail_damaged();
    list.items.insert(list.items.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<std::size_t>& items) {
    PickleNode& dict = node(top());
    if ((dict.kind != Kind::dict && dict.kind != Kind::call) || items.size() % 2 != 0) fail_damaged();
    dict.items.insert(dict.items.end(), items.begin(), items.end());
  }

  void recall(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail_damaged();
    stack_.push_back(found->second);
  }

  PickleNode& node(std::size_t index) { return pickle_.nodes[index]; }

  // What lies below a mark can be reached only once the mark is gone.
  std::size_t reachable() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  std::size_t top() const {
    if (reachable() == 0) fail_damaged();
    return stack_.back();
  }
  std::size_t pop() {
    const std::size_t index = top();
    stack_.pop_back();
    return index;
  }
  std::vector<std::size_t> pop(std::size_t count) {
    if (reachable() < count) fail_damaged();
    return pop_from(stack_.size() - count);
  }
  std::vector<std::size_t> pop_to_mark() {
    if (marks_.empty()) fail_damaged();
    const std::size_t mark = marks_.back();
    marks_.pop_back();
    return pop_from(mark);
  }
  std::vector<std::size_t> pop_from(std::size_t first) {
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(first);
    std::vector<std::size_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    return items;
  }

  std::span<const std::byte> bytes_;
  std::string file_;
  Allowed allowed_;
  std::size_t at_ = 0;
  Pickle pickle_;
  std::vector<std::size_t> stack_;  // indices of nodes
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint32_t, std::size_t> memo_;
};

}  // namespace ugatit
