from axone.graph import Conv2d, Flatten, Input, Linear, MaxPool2d, Model
from axone.graph.summary import short


def test_the_table() -> None:
    x = Input(1, 6, 6)
    conv = Conv2d(8, 3, padding="same", activation="relu", name="conv")
    twice = Conv2d(8, 1)
    model = Model(x, Linear(10)(Flatten()(MaxPool2d(2)(twice(twice(conv(x)))))))
    assert model.summary().splitlines() == [
        "name          layer                                            output shape  parameters   FLOPs  from",
        "-------------------------------------------------------------------------------------------------------------",
        "input_1       Input(1, 6, 6)                                   1 x 6 x 6              0       0",
        "conv          Conv2d(8, 3, padding='same', activation='relu')  8 x 6 x 6             80  5.18 k  input_1",
        "conv2d_1      Conv2d(8, 1)                                     8 x 6 x 6             72  4.61 k  conv",
        "conv2d_1:2    Conv2d(8, 1)                                     8 x 6 x 6         shared  4.61 k  conv2d_1",
        "max_pool2d_1  MaxPool2d(2)                                     8 x 3 x 3              0       0  conv2d_1:2",
        "flatten_1     Flatten()                                        72                     0       0  max_pool2d_1",
        "linear_1      Linear(10)                                       10                   730  1.44 k  flatten_1",
        "-------------------------------------------------------------------------------------------------------------",
        "882 parameters, 15.8 kFLOPs per example",
    ]


def test_short_numbers() -> None:
    assert [short(number) for number in (0, 7, 999, 999.7, 1_260, 100_480, 19_267_712, 4e18)] == [
        "0", "7", "999", "1 k", "1.26 k", "100 k", "19.3 M", "4e+03 P",
    ]  # fmt: skip
