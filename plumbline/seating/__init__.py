"""Who may take which seat: admission policies as the chain has them, and as anybody replays them.

    permutation  the shuffle, and its inverse
    draw     the terms of a draw: who is listed where, and from when on a rank is admitted
    seed         the seed of a draw, from the header of a block
    records      a pool and its units, as the contract keeps them; `packing` reads its words
    seat_draw    SeatDraw, typed: its views, and the calls to it, built but not sent
    events       what happened in a pool

Nothing here signs or sends.
"""
