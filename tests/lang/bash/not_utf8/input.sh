# café ÿ

twice() {
  if [ $1 ]; then
    echo 2
  fi
}
