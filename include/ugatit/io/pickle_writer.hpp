// Writing Python pickles of protocol 2, which every Python from 2.3 on reads: the opcodes that a dictionary of tensors
// needs, and no memo, since nothing in it is shared.
//
// A pickle is a program for a stack machine, written in the order in which it runs: first what goes on the stack, then
// what is made of it. Opcodes: CPython, Lib/pickletools.py.
#pragma once

#include <ugatit/core/error.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace ugatit {

/// A pickle under construction.
class PickleWriter {
 public:
  PickleWriter() : program_("\x80\x02") {}

  void empty_dict() { program_ += '}'; }                             ///< {}
  void empty_tuple() { program_ += ')'; }                            ///< ()
  void boolean(bool value) { program_ += value ? '\x88' : '\x89'; }  ///< True or False

  /// UTF-8. Throws `Error` for more than 4 GB.
  void text(std::string_view utf8) {
    if (utf8.size() > std::numeric_limits<std::uint32_t>::max()) throw Error("a text of more than 4 GB in a pickle");
    program_ += 'X';
    number(static_cast<std::uint32_t>(utf8.size()));
    program_ += utf8;
  }

  /// A number of things, in the shortest form, as Python writes it.
  void whole_number(std::uint64_t value) {
    if (value <= 0xff) {
      program_ += 'K';
      number(static_cast<std::uint8_t>(value));
    } else if (value <= 0xffff) {
      program_ += 'M';
      number(static_cast<std::uint16_t>(value));
    } else if (value <= 0x7fffffff) {
      program_ += 'J';
      number(static_cast<std::uint32_t>(value));
    } else {
      program_ += "\x8a\x09";  // LONG1 of nine bytes: the highest one keeps the number positive
      number(value);
      program_ += '\0';
    }
  }

  /// A function or class by its name.
  void global(std::string_view module, std::string_view name) {
    program_.append("c").append(module).append("\n").append(name).append("\n");
  }

  void mark() { program_ += '('; }  ///< where the items of the next tuple or call begin
  /// All since the mark becomes a tuple.
  void tuple() { program_ += 't'; }
  /// All since the mark, key, value, key, value, …, goes into the dictionary below it.
  void set_items() { program_ += 'u'; }
  /// Calls the function below the tuple of arguments.
  void reduce() { program_ += 'R'; }
  /// The tuple becomes what is stored under it as an identifier.
  void persistent() { program_ += 'Q'; }

  /// Ends the program and hands it over.
  std::string finish() && {
    program_ += '.';
    return std::move(program_);
  }

 private:
  template <class Stored>
  void number(Stored value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    program_.append(bytes, sizeof value);
  }

  std::string program_;
};

}  // namespace ugatit
