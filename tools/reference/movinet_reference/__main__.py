"""`movinet-reference record CLIP --base DIR --stream DIR -o REF.npz`; either model may be left out."""

import argparse
import os


def main():
    parser = argparse.ArgumentParser(prog="movinet-reference", description="What Python TensorFlow gives for a clip.")
    commands = parser.add_subparsers(required=True)
    record = commands.add_parser("record", help="run the models on a clip and write their logits")
    record.add_argument("clip", metavar="CLIP", help="a GIF")
    record.add_argument("--base", metavar="DIR", help="SavedModel folder of the base model")
    record.add_argument("--stream", metavar="DIR", help="SavedModel folder of the stream model")
    record.add_argument("--size", type=int, default=172, metavar="PIXELS", help="height and width [default: 172]")
    record.add_argument("-o", "--output", required=True, metavar="REF.npz")
    args = parser.parse_args()
    if not (args.base or args.stream):
        parser.error("give --base, --stream, or both")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import movinet_reference  # TensorFlow takes seconds to import: not before the arguments are known to be right

    movinet_reference.record(args.clip, args.base, args.stream, args.size, args.output)


if __name__ == "__main__":
    main()
