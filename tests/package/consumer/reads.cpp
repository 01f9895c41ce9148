#include <ugatit/io.hpp>

int main() {
  const ugatit::Image image(4, 4);
  return ugatit::resize(image, 2, 2).width == 2 ? 0 : 1;
}
