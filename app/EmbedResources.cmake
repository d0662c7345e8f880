# lapidary_embed_resources(PROGRAM): puts rule sets, prelude, schemas and the bridge to Triton into a program, so that it needs no
# folder beside it (core/support/Paths.h, EmbeddedResource).
function(lapidary_embed_resources NAME)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/resources/rules/*
       ${CMAKE_SOURCE_DIR}/resources/prelude/* ${CMAKE_SOURCE_DIR}/resources/schemas/* ${CMAKE_SOURCE_DIR}/resources/triton/*)
  set(symbols)
  set(table)
  set(number 0)
  foreach(file ${files})
    file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/resources ${file})
    set(begin resource${number})
    string(APPEND symbols "asm(\".section .rodata\\n${begin}: .incbin \\\"${file}\\\"\\n${begin}End:\\n.previous\");\n"
                          "extern \"C\" const char ${begin}[], ${begin}End[];\n")
    string(APPEND table "    {\"${name}\", {${begin}, static_cast<std::size_t>(${begin}End - ${begin})}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/EmbeddedResources.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT [[#include "core/support/Paths.h"
@symbols@
namespace lapidary {
std::span<const EmbeddedResource> embeddedResources() {
  static const EmbeddedResource table[] = {
@table@      };
  return table;
}
} // namespace lapidary
]] @ONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${NAME} PRIVATE ${source})
endfunction()
