/* The rule packs' bytes, as they are in build/pack.bin. */
    .section .rodata
    .globl pack_data
    .balign 16
pack_data:
    .incbin PACK_FILE
    .byte 0
    .section .note.GNU-stack,"",%progbits
