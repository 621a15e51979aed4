"""Data sets by name: `registry` lists image data sets, `store` finds or downloads them (`download`, `idx`); `tables`
lists tables, some of them generated (`people`, `toy`); `furniture` generates 3-D shapes; `subset` is what Axone ships.
"""
