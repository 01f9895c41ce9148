// What is measured on images: distances of pairs.
#pragma once

#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>
