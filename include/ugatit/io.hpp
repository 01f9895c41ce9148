// Everything that reads and writes files: images, data sets, weights. Needs stb, nlohmann-json and libzip.
#pragma once

#include <ugatit/io/figure.hpp>
#include <ugatit/io/heat_map.hpp>
#include <ugatit/io/loader.hpp>
#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/io/sheet.hpp>
#include <ugatit/io/torch_writer.hpp>
#include <ugatit/io/weights_file.hpp>
