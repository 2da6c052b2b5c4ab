#!/bin/sh
printf one
